import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Workspace {
  readonly folder: string
  readonly name: string
  readonly isPlugin: boolean
}

const workspaces: Workspace[] = ['packages', 'plugins'].flatMap((top) =>
  readdirSync(join(root, top))
    .filter((name) => existsSync(join(root, top, name, 'package.json')))
    .map((name) => ({ folder: `${top}/${name}`, name: `@dda-thinker/${name}`, isPlugin: top === 'plugins' })),
)
const plugins = workspaces.filter((workspace) => workspace.isPlugin)

/** Who may import whom; a package may always import itself by relative path. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '@dda-thinker/plugin-api': [],
  '@dda-thinker/data-files': ['@dda-thinker/plugin-api'],
  '@dda-thinker/store': ['@dda-thinker/plugin-api', '@dda-thinker/pictures'],
  '@dda-thinker/config': ['@dda-thinker/plugin-api'],
  '@dda-thinker/evaluation': ['@dda-thinker/plugin-api'],
  '@dda-thinker/core': [
    '@dda-thinker/plugin-api',
    '@dda-thinker/store',
    '@dda-thinker/config',
    '@dda-thinker/evaluation',
  ],
  '@dda-thinker/runs': [
    '@dda-thinker/plugin-api',
    '@dda-thinker/pictures',
    '@dda-thinker/store',
    '@dda-thinker/config',
    '@dda-thinker/evaluation',
    '@dda-thinker/core',
    '@dda-thinker/data-files',
  ],
  '@dda-thinker/report': [
    '@dda-thinker/plugin-api',
    '@dda-thinker/pictures',
    '@dda-thinker/store',
    '@dda-thinker/config',
    '@dda-thinker/evaluation',
    '@dda-thinker/core',
    '@dda-thinker/runs',
  ],
  '@dda-thinker/viewer': [
    '@dda-thinker/plugin-api',
    '@dda-thinker/store',
    '@dda-thinker/evaluation',
    '@dda-thinker/runs',
    '@dda-thinker/http-service',
  ],
  '@dda-thinker/run-tables': ['@dda-thinker/plugin-api', '@dda-thinker/store', '@dda-thinker/runs'],
  '@dda-thinker/testkit': ['@dda-thinker/plugin-api', '@dda-thinker/pictures'],
  '@dda-thinker/tabletop-world': ['@dda-thinker/plugin-api', '@dda-thinker/pictures'],
  '@dda-thinker/onnx-graph': ['@dda-thinker/plugin-api'],
  '@dda-thinker/endpoints': ['@dda-thinker/plugin-api', '@dda-thinker/pictures'],
  '@dda-thinker/plan-text': ['@dda-thinker/plugin-api'],
  '@dda-thinker/chat-roles': ['@dda-thinker/plugin-api', '@dda-thinker/endpoints', '@dda-thinker/plan-text'],
  '@dda-thinker/benchmark-kit': ['@dda-thinker/plugin-api', '@dda-thinker/endpoints'],
  '@dda-thinker/pictures': ['@dda-thinker/plugin-api'],
  '@dda-thinker/engine-data': ['@dda-thinker/plugin-api', '@dda-thinker/data-files', '@dda-thinker/plan-text'],
  '@dda-thinker/http-service': ['@dda-thinker/plugin-api'],
  '@dda-thinker/serve': [
    '@dda-thinker/plugin-api',
    '@dda-thinker/plan-text',
    '@dda-thinker/store',
    '@dda-thinker/runs',
    '@dda-thinker/http-service',
  ],
  '@dda-thinker/ppo-options': ['@dda-thinker/plugin-api'],
  '@dda-thinker/python-worker': ['@dda-thinker/plugin-api'],
  '@dda-thinker/scaffold': ['@dda-thinker/plugin-api', '@dda-thinker/templates'],
  '@dda-thinker/create-dda-thinker': ['@dda-thinker/plugin-api', '@dda-thinker/scaffold'],
  '@dda-thinker/cli': [
    '@dda-thinker/plugin-api',
    '@dda-thinker/store',
    '@dda-thinker/config',
    '@dda-thinker/evaluation',
    '@dda-thinker/pictures',
    '@dda-thinker/core',
    '@dda-thinker/runs',
    '@dda-thinker/report',
    '@dda-thinker/serve',
    '@dda-thinker/viewer',
    '@dda-thinker/http-service',
    '@dda-thinker/run-tables',
    '@dda-thinker/scaffold',
    '@dda-thinker/testkit',
    '@dda-thinker/engine-data',
  ],
  '@dda-thinker/plugin-canary': ['@dda-thinker/plugin-api', '@dda-thinker/evaluation'],
}
/** Libraries, not plugins: what several plugins share. Tests may also import the test kit. */
const allowedToPlugins = [
  '@dda-thinker/plugin-api',
  '@dda-thinker/benchmark-kit',
  '@dda-thinker/tabletop-world',
  '@dda-thinker/onnx-graph',
  '@dda-thinker/endpoints',
  '@dda-thinker/chat-roles',
  '@dda-thinker/plan-text',
  '@dda-thinker/pictures',
  '@dda-thinker/ppo-options',
  '@dda-thinker/python-worker',
  '@dda-thinker/data-files',
  '@dda-thinker/engine-data',
]

/** Libraries that exactly one file may import, and name as a string: onnxruntime-node is loaded lazily. */
const onlyImporter: Readonly<Record<string, string>> = {
  tsyringe: 'packages/core/src/assembly/container.ts',
  'reflect-metadata': 'packages/core/src/assembly/container.ts',
  tapable: 'packages/core/src/assembly/hooks.ts',
  'onnxruntime-node': 'packages/onnx-graph/src/runtime.ts',
}

interface Needs {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function sourceFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

function packageOf(specifier: string): string {
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '')
}

const sources = workspaces.flatMap((workspace) =>
  sourceFiles(join(root, workspace.folder, 'src')).map((file) => ({ workspace, file, path: relative(root, file) })),
)
/** Fixtures serve tests, and are not part of the product. */
const productSources = sources.filter(({ path }) => !/\.(test|fixture)\.ts$/.test(path))

describe('imports', () => {
  test('point one way between packages', () => {
    const offences = productSources.flatMap(({ workspace, file, path }) =>
      importsOf(file)
        .map(packageOf)
        .filter((name) => name.startsWith('@dda-thinker/') && name !== workspace.name)
        .filter((name) => !(allowed[workspace.name] ?? allowedToPlugins).includes(name))
        .map((name) => `${path} imports ${name}`),
    )
    expect(offences).toEqual([])
  })

  test('never leave their package by a relative path, but tests for what tests share', () => {
    const offences = sources.flatMap(({ workspace, file, path }) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => ({ specifier, target: join(file, '..', specifier) }))
        .filter(({ target }) => !target.startsWith(join(root, workspace.folder)))
        .filter(({ target }) => !(path.endsWith('.test.ts') && target.startsWith(join(root, 'test/support'))))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    )
    expect(offences).toEqual([])
  })

  test('point one way between the folders of a package: no two import each other', () => {
    const edges = new Set(
      productSources
        // The index of a package is its door, and the table of its errors hangs beside it: neither is in a room.
        .filter(({ path }) => !path.endsWith('/src/index.ts'))
        .flatMap(({ file }) =>
          importsOf(file)
            .filter((specifier) => specifier.startsWith('.') && !/^[./]+\/errors\.ts$/.test(specifier))
            .map((specifier) => [relative(root, dirname(file)), relative(root, dirname(join(file, '..', specifier)))])
            .filter(([from, to]) => from !== to)
            .map(([from, to]) => `${from} ${to}`),
        ),
    )
    const circles = [...edges].filter((edge) => edges.has(edge.split(' ').toReversed().join(' '))).toSorted()
    expect(circles).toEqual([])
  })

  test.each(Object.entries(onlyImporter))('%s only in %s', (library, importer) => {
    const importers = productSources.filter(({ file }) => readFileSync(file, 'utf8').includes(`'${library}'`))
    expect(importers.map(({ path }) => path).toSorted()).toEqual([importer])
  })
})

describe('files', () => {
  test('are kebab-case', () => {
    const offences = sources
      .map(({ path }) => path)
      .filter((path) => !/^[a-z0-9-]+(\.[a-z]+)*\.tsx?$/.test(path.split('/').at(-1) ?? ''))
    expect(offences).toEqual([])
  })

  test('stay small: at most one product file in ten is over 250 lines, and none over 500', () => {
    const lengths = productSources.map(({ file, path }) => ({
      path,
      lines: readFileSync(file, 'utf8').split('\n').length,
    }))
    expect(lengths.filter(({ lines }) => lines > 500)).toEqual([])
    expect(lengths.filter(({ lines }) => lines > 250).length).toBeLessThanOrEqual(lengths.length / 10)
  })

  test('of core are the engine and nothing else: 3,000 lines at most', () => {
    const core = productSources.filter(({ path }) => path.startsWith('packages/core/'))
    const lines = core.map(({ file }) => readFileSync(file, 'utf8').split('\n').length - 1)
    expect(core.length).toBeGreaterThan(20)
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3000)
  })
})

test('every package carries what it needs to be published', () => {
  const check = spawnSync(process.execPath, [join(root, 'scripts/package-metadata.mjs'), '--check'], {
    encoding: 'utf8',
  })
  expect(check.stdout).toBe('')
  expect(check.status).toBe(0)
})

test('packages have an order in which each follows what it and its tests need: lerna publishes in it, and breaks a circle where it likes', () => {
  const needs = new Map(
    workspaces.map(({ folder, name }) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Needs
      const all = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
      return [name, all.filter((other) => workspaces.some((workspace) => workspace.name === other))]
    }),
  )
  for (let before = Infinity; needs.size < before;) {
    before = needs.size
    for (const [name, others] of needs) if (others.every((other) => !needs.has(other))) needs.delete(name)
  }
  expect([...needs.keys()]).toEqual([])
})

describe.each(plugins)('$folder', ({ folder, name }) => {
  const short = folder.slice('plugins/'.length)

  test('is a plugin package', () => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      name: string
      keywords?: string[]
      peerDependencies?: Record<string, string>
    }
    expect(manifest.name).toBe(name)
    expect(manifest.keywords).toContain('dda-thinker-plugin')
    expect(manifest.peerDependencies).toHaveProperty('@dda-thinker/plugin-api')
  })

  test('has tests, a docs page, an example and a conformance run', () => {
    const files = sourceFiles(join(root, folder, 'src'))
    const tests = files.filter((file) => file.endsWith('.test.ts'))
    expect(tests.length).toBeGreaterThan(0)
    expect(existsSync(join(root, 'docs/plugins', `${short}.md`))).toBe(true)
    expect(existsSync(join(root, folder, 'examples')) && readdirSync(join(root, folder, 'examples')).length > 0).toBe(
      true,
    )
    expect(tests.some((file) => importsOf(file).map(packageOf).includes('@dda-thinker/testkit'))).toBe(true)
  })
})
