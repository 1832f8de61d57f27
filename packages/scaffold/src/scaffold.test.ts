import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addPlugin, packageName, PLUGIN_KINDS, scaffold, TEMPLATES, version } from './index.ts'

const EVERYWHERE = [
  '.github/workflows/check.yml',
  '.gitignore',
  '.npmrc',
  '.oxlintrc.json',
  'README.md',
  'package.json',
  'tsconfig.json',
]

let parent: string
beforeEach(() => void (parent = mkdtempSync(join(tmpdir(), 'dda-scaffold-'))))
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const read = (dir: string, file: string) => readFileSync(join(dir, file), 'utf8')

describe.each(Object.keys(TEMPLATES))('template %s', (template) => {
  test('has every placeholder filled in, whatever the name', async () => {
    const dir = join(parent, 'a')
    const { files } = await scaffold({ template, dir, name: 'My "Lab" \\ 2' })
    for (const file of files) expect(read(dir, file), file).not.toMatch(/\{\{\w/)
    expect(JSON.parse(read(dir, 'package.json'))).toMatchObject({ name: 'my-lab-2' })
  })

  test('brings what every project of ours has', async () => {
    const { files } = await scaffold({ template, dir: join(parent, 'a') })
    expect(files).toEqual(expect.arrayContaining(EVERYWHERE))
    expect(files.filter((file) => /(^|\/)_/.test(file))).toEqual([])
    expect(files.filter((file) => file.endsWith('.test.ts')).length).toBeGreaterThan(0)
    expect(files.filter((file) => file.endsWith('dda.config.yaml'))).toHaveLength(1)
    const { scripts } = JSON.parse(read(join(parent, 'a'), 'package.json'))
    expect(scripts).toMatchObject({
      check: expect.stringContaining('tsc'),
      lint: expect.anything(),
      test: 'vitest run',
    })
    if (template.startsWith('plugin-')) expect(scripts.build).toBe('tsc -p tsconfig.build.json')
  })

  test('takes our packages at the version of this one', async () => {
    const dir = join(parent, 'a')
    await scaffold({ template, dir })
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(dir, 'package.json'))
    const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => name.startsWith('@dda-'))
    expect(ours.length).toBeGreaterThan(0)
    for (const [name, range] of ours) expect(range, name).toBe(`^${version()}`)
  })
})

test('whatever a configuration uses is among the dependencies', async () => {
  for (const template of ['project', 'lab', 'paper']) {
    const dir = join(parent, template)
    await scaffold({ template, dir })
    const { dependencies } = JSON.parse(read(dir, 'package.json'))
    const names = Object.keys(dependencies).map((name) => name.replace('@dda-thinker/', ''))
    for (const [, use = ''] of read(dir, 'dda.config.yaml').matchAll(/\buse: ([\w-]+)/g)) {
      expect(
        names.some((name) => name === use || name.endsWith(`-${use}`)),
        `${template}: ${use}`,
      ).toBe(true)
    }
  }
})

describe.each(Object.keys(PLUGIN_KINDS))('a %s added to a project', (kind) => {
  test('is source and test, and says how to use and to test it', async () => {
    const added = await addPlugin(parent, kind, 'My own!')
    expect(added.files).toEqual(['plugins/my-own/index.test.ts', 'plugins/my-own/index.ts'])
    const source = read(parent, 'plugins/my-own/index.ts')
    expect(source).toMatch(/(?:NAME =|name:) 'my-own'/)
    // The name that was given or the kind, never what the template's own example would be called.
    const role = `create${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
    const exported = [...source.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name)
    expect(exported).toEqual(kind === 'hook' ? [] : [role])
    expect(read(parent, 'plugins/my-own/index.test.ts')).toContain(kind === 'hook' ? 'plugin' : role)
    expect(added.config).toContain('use: ./plugins/my-own')
    expect(added.needs).toContain('@dda-thinker/testkit')
    expect(added.test).toBe('npx vitest run plugins/my-own')
  })
})

test('a plugin never replaces one that is there, and of an unknown kind there is none', async () => {
  await addPlugin(parent, 'reward', 'a')
  writeFileSync(join(parent, 'plugins/a/index.ts'), 'mine')
  await expect(addPlugin(parent, 'reward', 'a')).rejects.toMatchObject({ code: 'DDA_INIT_NOT_EMPTY' })
  expect(read(parent, 'plugins/a/index.ts')).toBe('mine')
  await expect(addPlugin(parent, 'rewards', 'b')).rejects.toMatchObject({
    code: 'DDA_INIT_TEMPLATE',
    next: expect.stringContaining('synthesizer'),
  })
})

test('a folder that is not empty is left alone unless forced', async () => {
  writeFileSync(join(parent, 'notes.txt'), 'mine')
  await expect(scaffold({ template: 'project', dir: parent })).rejects.toMatchObject({ code: 'DDA_INIT_NOT_EMPTY' })
  expect(readdirSync(parent)).toEqual(['notes.txt'])
  await scaffold({ template: 'project', dir: parent, force: true })
  expect(read(parent, 'notes.txt')).toBe('mine')
})

test.each(['projekt', 'toString', '__proto__'])(
  'there is no template %s, and the error lists the known ones',
  async (template) => {
    await expect(scaffold({ template, dir: join(parent, 'a') })).rejects.toMatchObject({
      code: 'DDA_INIT_TEMPLATE',
      next: expect.stringContaining('project'),
    })
    expect(readdirSync(parent)).toEqual([])
  },
)

describe('packages from', () => {
  const tarball = (name: string, of = version()) => writeFileSync(join(parent, `dda-thinker-${name}-${of}.tgz`), '')
  const needed = [
    'cli',
    'curator-difficulty',
    'plugin-api',
    'preset-tabletop-demo',
    'reward-dual-atomic',
    'tabletop',
    'testkit',
    'trainer-onnx',
  ]

  test('a folder of tarballs: what is needed directly and, by overrides, in turn', async () => {
    for (const name of [...needed, 'core']) tarball(name)
    tarball('core', '0.0.1')
    const dir = join(parent, 'a')
    await scaffold({ template: 'project', dir, from: parent })
    const manifest = JSON.parse(read(dir, 'package.json'))
    // As npm writes them itself: an override that names a file otherwise refuses a later `npm install` of that file.
    const at = (name: string) => `file:../dda-thinker-${name}-${version()}.tgz`
    expect(manifest.dependencies['@dda-thinker/cli']).toBe(at('cli'))
    expect(manifest.overrides).toMatchObject({
      '@dda-thinker/cli': '$@dda-thinker/cli',
      '@dda-thinker/core': at('core'),
    })
  })

  test.each([
    ['that is not there', () => join(parent, 'nowhere')],
    ['of another version', () => (tarball('cli', '0.0.1'), parent)],
    ['that lacks one', () => (tarball('cli'), parent)],
  ])('a folder %s: an error, and nothing is written', async (_what, from) => {
    const dir = join(parent, 'a')
    const folder = from()
    await expect(scaffold({ template: 'project', dir, from: folder })).rejects.toMatchObject({
      code: 'DDA_INIT_FROM',
      next: expect.stringContaining('npm run pack'),
    })
    expect(readdirSync(parent)).not.toContain('a')
  })

  test('a registry: for our scope only', async () => {
    const dir = join(parent, 'a')
    await scaffold({ template: 'project', dir, from: 'https://npm.lab.example/' })
    expect(read(dir, '.npmrc').trimEnd().split('\n')).toContain('@dda-thinker:registry=https://npm.lab.example/')
    expect(JSON.parse(read(dir, 'package.json')).overrides).toBeUndefined()
  })
})

test.each([
  ['My "Lab"', 'my-lab'],
  ['Über', 'ber'],
  ['***', 'project'],
])('packageName(%j) is %j', (name, expected) => expect(packageName(name)).toBe(expected))
