import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { dda, ensureBuilt, envelope, installPluginApi, root } from '../support/dda.ts'

beforeAll(() => ensureBuilt())

const empty = () => realpathSync(mkdtempSync(join(tmpdir(), 'dda-init-')))

test('init makes a project with every placeholder filled in', async () => {
  const cwd = empty()
  const ran = await dda(cwd, ['init', 'My "Lab"', '--json'])
  expect(ran.code).toBe(0)
  const { data } = envelope(ran)
  expect(data.files).toEqual(expect.arrayContaining(['.gitignore', '.npmrc', 'README.md', 'dda.config.yaml']))
  for (const file of data.files) expect(existsSync(join(data.dir, file)), file).toBe(true)
  for (const file of data.files) expect(readFileSync(join(data.dir, file), 'utf8')).not.toMatch(/\{\{|\}\}/)
  const manifest = JSON.parse(readFileSync(join(data.dir, 'package.json'), 'utf8'))
  expect(manifest.name).toBe('my-lab')
  const printed = await dda(data.dir, ['config', 'print', '--json'])
  const values: { path: string; value: unknown }[] = envelope(printed).data.values
  expect(values.find(({ path }) => path === 'name')?.value).toBe('My "Lab"')
})

test('its dependencies are packages of this repository, at the version of this repository', async () => {
  const cwd = empty()
  await dda(cwd, ['init'])
  const { dependencies } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))
  const manifests = ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name, 'package.json')),
  )
  const versions = new Map(
    manifests
      .filter((file) => existsSync(file))
      .map((file) => {
        const { name, version } = JSON.parse(readFileSync(file, 'utf8'))
        return [name, `^${version}`]
      }),
  )
  for (const [name, range] of Object.entries(dependencies)) expect(range, name).toBe(versions.get(name))
})

test('the configuration of the template is sound', async () => {
  const cwd = empty()
  await dda(cwd, ['init'])
  const ran = await dda(cwd, ['config', 'check', '--json'])
  expect(ran.stderr).toBe('')
  expect(envelope(ran)).toMatchObject({ ok: true })
})

test('a folder that is not empty is left alone unless forced', async () => {
  const cwd = empty()
  writeFileSync(join(cwd, 'notes.txt'), 'mine')
  const refused = await dda(cwd, ['init', '--json'])
  expect(envelope(refused)).toMatchObject({ exitCode: 2, error: { code: 'DDA_INIT_NOT_EMPTY' } })
  expect(readdirSync(cwd)).toEqual(['notes.txt'])
  expect((await dda(cwd, ['init', '--force'])).code).toBe(0)
  expect(readFileSync(join(cwd, 'notes.txt'), 'utf8')).toBe('mine')
})

test('an unknown template is a usage error that lists the known ones', async () => {
  const ran = await dda(empty(), ['init', '--template', 'projekt', '--json'])
  expect(envelope(ran)).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_INIT_TEMPLATE', next: expect.stringContaining('project') },
  })
})

test('new writes a plugin beside the configuration, which takes it as it is', async () => {
  const cwd = empty()
  await dda(cwd, ['init'])
  const made = await dda(cwd, ['new', 'hook', 'watch', '--json'])
  expect(envelope(made)).toMatchObject({
    ok: true,
    data: { files: ['plugins/watch/index.test.ts', 'plugins/watch/index.ts'] },
  })
  expect(envelope(await dda(cwd, ['new', 'hook', 'watch', '--json']))).toMatchObject({
    error: { code: 'DDA_INIT_NOT_EMPTY' },
  })
  installPluginApi(cwd)
  const { config } = envelope(made).data
  appendFileSync(join(cwd, 'dda.config.yaml'), `\n${config}\n`)
  expect(envelope(await dda(cwd, ['config', 'check', '--json']))).toMatchObject({ ok: true })
})
