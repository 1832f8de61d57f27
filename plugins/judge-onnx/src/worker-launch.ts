import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * Starts the worker thread beside this file: the compiled module in an installed package; the TypeScript source, through
 * jiti, when this very file runs from source (tests, benches), because Node 20 cannot load it.
 */
export function launchWorker(): Worker {
  const here = fileURLToPath(import.meta.url)
  if (!here.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url))
  const require = createRequire(here)
  const entry = join(dirname(here), 'worker.ts')
  const alias = { '@dda-thinker/plugin-api': sourceOf(require, '@dda-thinker/plugin-api') }
  const code = `import(${JSON.stringify(pathToFileURL(require.resolve('jiti')).href)})
    .then(({ createJiti }) => createJiti(${JSON.stringify(here)}, { alias: ${JSON.stringify(alias)} }))
    .then((jiti) => jiti.import(${JSON.stringify(entry)}))`
  return new Worker(code, { eval: true })
}

/** The source entry of a workspace package, or its ordinary one. */
function sourceOf(require: NodeJS.Require, name: string): string {
  const manifest = require.resolve(`${name}/package.json`)
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    exports: Record<string, Record<string, string>>
  }
  const source = join(dirname(manifest), exports['.']?.['@dda-thinker/source'] ?? '')
  return existsSync(source) ? source : require.resolve(name)
}
