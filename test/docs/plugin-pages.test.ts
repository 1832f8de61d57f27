import { execa } from 'execa'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { root, temporaryFolder } from '../support/dda.ts'
import { ddaHere, ddaText } from '../support/in-process.ts'

// Every page of docs/write is a plugin as a reader would copy it: type-checked, its test run, its commands typed.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const place = temporaryFolder()
const pages = readdirSync(join(root, 'docs/write')).map((name) => {
  const text = readFileSync(join(root, 'docs/write', name), 'utf8')
  const files = [...text.matchAll(/^```(?:ts|yaml) file=(\S+)\n(.*?)^```$/gms)].map(
    ([, path = '', content = '']) => [path, content] as const,
  )
  const shell = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, content = '']) => content.split('\n'))
  return { name: name.replace('.md', ''), text, dir: join(place, name.replace('.md', '')), files, shell }
})

beforeAll(() => {
  // As the package.json of a project says.
  writeFileSync(join(place, 'package.json'), JSON.stringify({ type: 'module' }))
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')
  for (const { dir, files } of pages) {
    for (const [path, content] of files) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), content)
    }
    writeFileSync(join(dir, 'dda.config.yaml'), stringify({ ...BASE, ...parse(configOf(files)) }))
  }
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** What a page leaves out of its configuration. */
const BASE = {
  synthesizer: [{ use: 'tabletop' }],
  synthesize: { count: { train: 0, 'held-out': 4 } },
  editor: { use: 'tabletop' },
  judge: [{ use: 'tabletop' }],
  reward: { use: 'dual-atomic' },
}

function configOf(files: (typeof pages)[number]['files']): string {
  return files.find(([path]) => path === 'dda.config.yaml')?.[1] ?? '{}'
}

test('there is a page for each role that readers ask for', () => {
  expect(pages.map(({ name }) => name)).toEqual(['editor', 'judge', 'reward', 'synthesizer', 'trainer'])
})

/** Blocks of the other pages are excerpts: what they import from our packages must be there. */
function writeImports(): void {
  mkdirSync(join(place, 'imports/plugins'), { recursive: true })
  const others = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.md') && !path.startsWith('write'),
  )
  for (const [index, path] of others.entries()) {
    const blocks = [...readFileSync(join(root, 'docs', path), 'utf8').matchAll(/^```ts[^\n]*\n(.*?)^```$/gms)]
    const imports = blocks.map(
      ([, text = ''], block) =>
        `export const block = ${block}\n${(text.match(/^import [^;]*? from '@dda-thinker\/[^']+'/gms) ?? []).join('\n')}`,
    )
    for (const [block, text] of imports.entries()) {
      writeFileSync(join(place, `imports/plugins/page-${index}-block-${block}.ts`), `// ${path}\n${text}\n`)
    }
  }
}

test('their code type-checks under the rules of this repository', async () => {
  writeImports()
  const compilerOptions = {
    composite: false,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const settings = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*/plugins/**/*.ts'] }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(settings))
  const { exitCode, all } = await execa('npx', ['--no-install', 'tsc', '-p', place, '--checkers', '1'], {
    cwd: root,
    all: true,
    reject: false,
  })
  expect(exitCode, all).toBe(0)
})

test('their tests pass', async () => {
  const conditions = ['@dda-thinker/source', 'node', 'import', 'module', 'default']
  const resolve = { conditions, externalConditions: conditions }
  writeFileSync(join(place, 'vitest.config.mjs'), `export default ${JSON.stringify({ resolve, ssr: { resolve } })}\n`)
  const written = pages.flatMap(({ files }) => files.filter(([path]) => path.endsWith('.test.ts')))
  const { stdout, exitCode, all } = await execa(
    'npx',
    ['--no-install', 'vitest', 'run', '--root', place, '--reporter=json', '--testTimeout=120000'],
    { cwd: root, all: true, reject: false },
  )
  expect(exitCode, all).toBe(0)
  const { numPassedTests, testResults } = JSON.parse(stdout) as {
    readonly numPassedTests: number
    readonly testResults: readonly unknown[]
  }
  expect(testResults).toHaveLength(written.length)
  expect(numPassedTests).toBeGreaterThan(80)
})

describe.each(pages)('$name', ({ name, dir, text, files, shell }) => {
  const created = /`?npx dda new (\w+) ([\w-]+)/.exec(text)

  test.skipIf(created === null)('the plugin is the one that `dda new` writes', async () => {
    const [, kind = '', plugin = ''] = created ?? []
    const other = join(dir, 'new')
    mkdirSync(other)
    writeFileSync(join(other, 'dda.config.yaml'), stringify(BASE))
    await ddaText(other, 'new', kind, plugin)
    for (const file of [`plugins/${plugin}/index.ts`, `plugins/${plugin}/index.test.ts`]) {
      expect(files.find(([path]) => path === file)?.[1]).toBe(readFileSync(join(other, file), 'utf8'))
    }
    rmSync(other, { recursive: true })
  })

  test('its commands work, in their order', async () => {
    const commands = shell
      .map((line) => /^npx dda (.*)$/.exec(line.replace(/\s+#.*$/, ''))?.[1])
      .filter((command) => command !== undefined && !command.startsWith('new ') && !command.includes('<'))
    expect(commands[0]).toBe('config check')
    for (const command of commands) {
      expect(await ddaHere(dir, ...(command ?? '').split(' ')), `dda ${command}`).toMatchObject({ ok: true })
    }
  })

  test('a run uses it', async () => {
    const { data } = await ddaHere(dir, 'plugins')
    const used = files.filter(([path]) => path.endsWith('index.ts')).map(([path]) => join(dir, path))
    const paths = data.plugins.map(({ path }: { readonly path: string }) => path)
    expect(
      used.filter((path) => paths.includes(path)),
      name,
    ).toHaveLength(1)
  })
})
