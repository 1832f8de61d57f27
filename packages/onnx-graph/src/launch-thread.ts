import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * Starts a module in a thread of its own, because ONNX Runtime computes on the calling thread: the compiled module in an
 * installed package; the TypeScript source when the caller runs from source (tests, benches), because Node 20 cannot load it.
 * @param caller `import.meta.url` of the file that starts it
 * @param module path of the module from there, without its extension
 */
export function launchThread(caller: string, module: string): Worker {
  if (!caller.endsWith('.ts')) return new Worker(new URL(`${module}.js`, caller))
  const source = fileURLToPath(new URL(`${module}.ts`, caller))
  const rolldown = createRequire(import.meta.url).resolve('rolldown')
  const bundle = join(bundles(rolldown), `${source.replaceAll(/\W/g, '-')}.mjs`)
  const names = { source, rolldown: pathToFileURL(rolldown).href, bundle }
  return new Worker(`(${FROM_SOURCE})(${JSON.stringify(names)})`, { eval: true })
}

/**
 * What such a thread runs: the module and everything of the workspace that it imports as one file, which the first thread of
 * a process writes and the others find. Compiling each module in each thread would take most of the time of suites that start
 * hundreds. What is installed is loaded from where it is; a file's own place stays the one it has as source.
 */
const FROM_SOURCE = `async ({ source, rolldown, bundle }) => {
  const { existsSync, renameSync } = require('node:fs')
  const { pathToFileURL } = require('node:url')
  if (!existsSync(bundle)) {
    const workspace = {
      name: 'workspace',
      async resolveId(id, importer, { isEntry }) {
        if (isEntry || id.startsWith('node:')) return null
        const found = await this.resolve(id, importer, { skipSelf: true })
        return /node_modules.(?!typebox)/.test(found?.id) ? { id: pathToFileURL(found.id).href, external: true } : found
      },
      transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
    }
    const { rolldown: build } = await import(rolldown)
    const made = await build({
      input: source,
      platform: 'node',
      plugins: [workspace],
      resolve: { conditionNames: ['@dda-thinker/source', 'node', 'import', 'default'] },
    })
    const file = bundle + '.' + require('node:worker_threads').threadId
    await made.write({ file, format: 'esm', codeSplitting: false })
    await made.close()
    renameSync(file, bundle)
  }
  await import(pathToFileURL(bundle).href)
}`

let folder: string | undefined

/** Where this process keeps the bundles: beside what is installed, which they import by name. Those of ended processes go. */
function bundles(installed: string): string {
  if (folder !== undefined) return folder
  const cache = join(installed.slice(0, installed.lastIndexOf('node_modules')), 'node_modules/.cache/dda-threads')
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache).filter((one) => !isRunning(Number.parseInt(one, 10)))) {
    rmSync(join(cache, name), { recursive: true, force: true })
  }
  // With the time, for a number comes again, and sources change.
  folder = join(cache, `${process.pid}-${Math.round(performance.timeOrigin)}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
