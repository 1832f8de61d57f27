import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

const SCOPE = '@dda-thinker/'

interface Manifest {
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/**
 * Starts a module in a thread of its own, because ONNX Runtime computes on the calling thread: the compiled module in an
 * installed package; the TypeScript source, through jiti, when the caller runs from source (tests, benches), because Node 20
 * cannot load it.
 * @param caller `import.meta.url` of the file that starts it
 * @param module path of the module from there, without its extension
 */
export function launchThread(caller: string, module: string): Worker {
  if (!caller.endsWith('.ts')) return new Worker(new URL(`${module}.js`, caller))
  const here = fileURLToPath(caller)
  const alias = Object.fromEntries(workspaceSources(here))
  const jiti = createRequire(import.meta.url).resolve('jiti')
  const code = `import(${JSON.stringify(pathToFileURL(jiti).href)})
    .then(({ createJiti }) => createJiti(${JSON.stringify(here)}, { alias: ${JSON.stringify(alias)} }))
    .then((jiti) => jiti.import(${JSON.stringify(join(dirname(here), `${module}.ts`))}))`
  return new Worker(code, { eval: true })
}

/** Source entries of the workspace packages that the package of a file depends on, however far away. */
function workspaceSources(file: string): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (manifest: string): void => {
    const { dependencies, peerDependencies } = read(manifest)
    const require = createRequire(manifest)
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (!name.startsWith(SCOPE) || found.has(name)) continue
      const path = require.resolve(`${name}/package.json`)
      const source = join(dirname(path), read(path).exports?.['.']?.[`${SCOPE}source`] ?? '')
      found.set(name, existsSync(source) ? source : require.resolve(name))
      visit(path)
    }
  }
  visit(nearestManifest(dirname(file)))
  return found
}

function nearestManifest(folder: string): string {
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) ? manifest : nearestManifest(dirname(folder))
}

function read(manifest: string): Manifest {
  return JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
}
