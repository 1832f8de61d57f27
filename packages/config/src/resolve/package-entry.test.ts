import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project } from '../../../../test/support/testing.ts'
import { folderEntry, installedPackages, isPluginPackage, packageEntry } from './package-entry.ts'

const manifest = (fields: object) => JSON.stringify({ name: 'x', ...fields })

test('a package that exports for import alone is found, from any folder below', () => {
  const root = project({
    'node_modules/esm-only/package.json': manifest({ version: '1.2.3', exports: { import: './lib/main.js' } }),
    'node_modules/esm-only/lib/main.js': '',
    'a/b/file.txt': '',
  })
  expect(packageEntry('esm-only', join(root, 'a/b'))).toEqual({
    file: join(root, 'node_modules/esm-only/lib/main.js'),
    version: '1.2.3',
    source: false,
  })
})

test('conditions hold in the order of the map, nested ones and alternatives too', () => {
  const root = project({
    'p/package.json': manifest({
      exports: {
        './sub': './no.js',
        '.': [{ browser: './no.js' }, { node: { types: './no.d.ts', default: './yes.js' } }],
      },
    }),
  })
  expect(folderEntry(join(root, 'p'))?.file).toBe(join(root, 'p/yes.js'))
})

test('sources are preferred where the host runs TypeScript itself', () => {
  const root = project({
    'p/package.json': manifest({
      exports: { '.': { '@dda-thinker/source': './src/index.ts', default: './dist/index.js' } },
    }),
  })
  expect(folderEntry(join(root, 'p'))).toMatchObject({ file: join(root, 'p/src/index.ts'), source: true })
})

test('without exports: main, with or without its extension, then an index file', () => {
  const root = project({
    'a/package.json': manifest({ main: 'lib/main' }),
    'a/lib/main.js': '',
    'b/index.ts': '',
    'c/package.json': manifest({ exports: { './only-sub': './x.js' } }),
  })
  expect(folderEntry(join(root, 'a'))?.file).toBe(join(root, 'a/lib/main.js'))
  expect(folderEntry(join(root, 'b'))?.file).toBe(join(root, 'b/index.ts'))
  expect(folderEntry(join(root, 'c'))).toBeUndefined()
})

test('a name that is no package, or of a module of Node itself, leads nowhere', () => {
  const root = project({})
  expect(packageEntry('../up', root)).toBeUndefined()
  expect(packageEntry('path', root)).toBeUndefined()
  expect(packageEntry('not-installed-anywhere', root)).toBeUndefined()
})

test('installed packages are listed with their scopes, from every folder above', () => {
  const root = project({
    'node_modules/@lab/dda-editor-x/package.json': '{}',
    'inner/node_modules/dda-judge-y/package.json': '{}',
  })
  expect(installedPackages(join(root, 'inner'))).toEqual(expect.arrayContaining(['@lab/dda-editor-x', 'dda-judge-y']))
})

test.each(['{', 'null', '[', '"x"'])(
  'a manifest that holds %j is told with its path, and only where it was named',
  (text) => {
    const root = project({
      'node_modules/broken/package.json': text,
      'node_modules/broken/index.js': '',
      'p/package.json': text,
    })
    const told = { code: 'DDA_PLUGIN_LOAD', message: expect.stringContaining(join(root, 'p/package.json')) }
    expect(() => folderEntry(join(root, 'p'))).toThrowError(expect.objectContaining(told))
    expect(() => packageEntry('broken', root)).toThrowError(expect.objectContaining({ code: 'DDA_PLUGIN_LOAD' }))
    expect(isPluginPackage('broken', root)).toBe(false)
  },
)

test('a byte order mark before a manifest is no part of it', () => {
  const root = project({ 'p/package.json': `\uFEFF${manifest({ main: 'main.mjs' })}`, 'p/main.mjs': '' })
  expect(folderEntry(join(root, 'p'))?.file).toBe(join(root, 'p/main.mjs'))
})
