// Writes the code of packages: what a package exports, what its commands import and what it runs in a thread, each one file beside
// the declarations of the compiler, with chunks for what they share or load later. A process opens and compiles a dozen files
// instead of hundreds. Packages stay apart, so that all that a process loads share one copy of each.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Libraries of many files that every command loads, or of types that every thread does, by the package that brings them. */
const INLINED = {
  'plugin-api': ['typebox'],
  config: ['ajv', 'yaml'],
  core: ['tsyringe', 'tapable', 'reflect-metadata', 'p-queue'],
  cli: ['commander'],
  endpoints: ['undici'],
}

/** The settings that a package is built by; all else, tests and editors among them, goes by those of the checkout. */
export const BUILD = 'tsconfig.build.json'

const OURS = fileURLToPath(import.meta.url)
const ROOT = dirname(dirname(OURS))

/** @param {readonly string[]} folders of packages, relative to the checkout, with all that these build on; none: all packages */
export async function bundleAll(folders = []) {
  for (const dir of withReferences(folders.length > 0 ? folders : ['.']))
    if (existsSync(join(dir, 'src'))) await bundlePackage(dir)
}

/** The projects, and all that their configurations refer to. */
function withReferences(projects) {
  const found = new Set()
  const visit = (dir) => {
    if (found.has(dir)) return
    found.add(dir)
    const { references = [] } = JSON.parse(readFileSync(join(dir, BUILD), 'utf8'))
    for (const { path } of references) visit(dirname(resolve(dir, path)))
  }
  for (const folder of projects) visit(resolve(ROOT, folder))
  return found
}

/**
 * @param {string} dir a package with `src/` and `package.json`
 * @returns whether there was anything to do
 */
async function bundlePackage(dir) {
  const entries = entriesOf(dir)
  const src = join(dir, 'src')
  if (Object.keys(entries).length === 0 || isFresh(dir, entries)) return false
  const inlined = INLINED[basename(dir)] ?? []
  const bundle = await rolldown({
    input: entries,
    platform: 'node',
    tsconfig: false,
    // Commands import what they need when they run; some of it is there by then.
    checks: { ineffectiveDynamicImport: false },
    transform: { target: 'es2023' },
    external: (id, importer) => importer !== undefined && !/^\.|^\//.test(id) && !isInlined(inlined, id, importer),
    plugins: [ownPlaces(src)],
  })
  const { output } = await bundle.generate({
    dir: join(dir, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
    keepNames: true,
    // What is not ours lies in files of its own: its sources are not packed, so no map leads to them.
    codeSplitting: {
      groups: inlined.map((name) => ({ name, test: (id) => packageOf(id)?.endsWith(join('node_modules', name)) })),
    },
    banner: ({ moduleIds }) => licences(moduleIds),
  })
  await bundle.close()
  write(join(dir, 'dist'), output)
  return true
}

/** Source files by the file of `dist` that others name. */
function entriesOf(dir) {
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
  const exported = Object.values(manifest.exports ?? {}).map((target) => target.default)
  const commands = Object.values(manifest.bin ?? {}).map((file) => readFileSync(join(dir, file), 'utf8'))
  const imported = commands.flatMap((text) => [...text.matchAll(/'\.\.\/(dist\/[^']+)'/g)].map(([, file]) => file))
  const built = [...exported, ...imported].filter((file) => /^(\.\/)?dist\/.*\.js$/.test(file ?? ''))
  const names = [...built.map((file) => file.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '')), ...threadsOf(dir)]
  return Object.fromEntries(names.map((name) => [name, join(dir, 'src', `${name}.ts`)]))
}

/** Modules that `launchThread(import.meta.url, …)` names. */
function threadsOf(dir) {
  const src = join(dir, 'src')
  return sourcesOf(src).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/launchThread\(import\.meta\.url, '([^']+)'\)/g)].map(([, module]) =>
      relative(src, join(dirname(file), module))
        .split(sep)
        .join('/'),
    ),
  )
}

function sourcesOf(src) {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name))
    .map((name) => join(src, name))
}

/** Newer than all that it was made from. */
function isFresh(dir, entries) {
  const made = Object.keys(entries).map((name) => join(dir, 'dist', `${name}.js`))
  if (!made.every((file) => existsSync(file))) return false
  const since = Math.min(...made.map((file) => statSync(file).mtimeMs))
  const from = [...sourcesOf(join(dir, 'src')), join(dir, 'src'), join(dir, 'package.json'), OURS]
  return from.every((file) => statSync(file).mtimeMs < since)
}

function isInlined(libraries, id, importer) {
  if (id.startsWith('node:')) return false
  return /[\\/]node_modules[\\/]/.test(importer) || libraries.includes(packageName(id))
}

function packageName(id) {
  return id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The folder of the library that a module is of; undefined for our own. */
function packageOf(module) {
  return /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module)?.[1]
}

/** A module finds its files from its own place, wherever its code is put: `import.meta.url` stays what it would be unbundled. */
function ownPlaces(src) {
  const marker = /OWN_PLACE\("([^"]+)"\)/g
  return {
    name: 'own-places',
    transform(code, id) {
      if (!code.includes('import.meta.url') || packageOf(id) !== undefined) return null
      const place = relative(src, id).split(sep).join('/').replace(/\.ts$/, '.js')
      return { code: code.replaceAll('import.meta.url', `OWN_PLACE("${place}")`), map: null }
    },
    renderChunk(code, { fileName }) {
      if (!code.includes('OWN_PLACE(')) return null
      const from = posix.dirname(fileName)
      const placed = code.replaceAll(marker, (_, place) => {
        const path = posix.relative(from, place)
        return `new URL("${path.startsWith('.') ? path : `./${path}`}", import.meta.url).href`
      })
      // No line moves.
      return { code: placed, map: null }
    },
  }
}

/** A bundle carries the licence of every library that it is of. */
export function licences(modules) {
  const folders = new Set(modules.map(packageOf).filter((folder) => folder !== undefined))
  return [...folders].map((folder) => `/*\n${licenceOf(folder)}\n*/\n`).join('')
}

function licenceOf(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  if (file === undefined) throw new Error(`${folder} has no licence that a bundle of it could carry`)
  return readFileSync(join(folder, file), 'utf8').trimEnd()
}

/** Entries last: what they import is there by then. What an earlier build left goes. */
function write(dist, output) {
  const kept = new Set()
  const put = (name, text) => {
    kept.add(name)
    mkdirSync(dirname(join(dist, name)), { recursive: true })
    writeFileSync(join(dist, name), text)
  }
  const chunks = output.filter(({ type }) => type === 'chunk').toSorted((a, b) => a.isEntry - b.isEntry)
  for (const { fileName, moduleIds, code, map } of chunks) {
    const isOurs = moduleIds.some((id) => packageOf(id) === undefined)
    if (isOurs && map !== null) put(`${fileName}.map`, map.toString())
    put(fileName, isOurs ? code : code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'))
  }
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
    if (/\.js(\.map)?$/.test(name) && !kept.has(name.split(sep).join('/'))) rmSync(join(dist, name))
}
