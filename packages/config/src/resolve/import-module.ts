import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as pluginApi from '@dda-thinker/plugin-api'
import { defineConfig } from '../schema/define-config.ts'

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts'])

/**
 * Modules that TypeScript files named by a config get from the running framework, wherever they lie: a project needs no
 * installed copy, and there is never a second one.
 */
const VIRTUAL: Readonly<Record<string, unknown>> = {
  '@dda-thinker/plugin-api': pluginApi,
  '@dda-thinker/config': { defineConfig },
}

export interface ImportOptions {
  /** The host runs TypeScript itself (a test runner, or Node with type stripping): do not transpile. */
  readonly native?: boolean
  /** Read the file again even if it was imported before. Default false. */
  readonly fresh?: boolean
}

const LOADING = new Set<string>()

/** The module that was begun last of those that are being loaded: what a command waits for where nothing else is left to wait for. */
export function moduleBeingLoaded(): string | undefined {
  return [...LOADING].at(-1)
}

/** The default export of a module (a CommonJS module's `module.exports`). TypeScript goes through jiti. */
export async function importDefault(file: string, options: ImportOptions = {}): Promise<unknown> {
  LOADING.add(file)
  try {
    return await imported(file, options)
  } finally {
    LOADING.delete(file)
  }
}

async function imported(file: string, options: ImportOptions): Promise<unknown> {
  if (options.native !== true && (TYPESCRIPT.has(extname(file)) || options.fresh === true))
    return transpiled(file, options)
  try {
    const namespace = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
    return unwrap(namespace)
  } catch (error) {
    // A plain JavaScript plugin outside any package finds the plugin API here too.
    if (options.native === true || !missesThePluginApi(error)) throw error
    return transpiled(file, options)
  }
}

async function transpiled(file: string, options: ImportOptions): Promise<unknown> {
  // A project of YAML and JavaScript has no need of it.
  const { createJiti } = await import('jiti')
  const jiti = createJiti(file, {
    virtualModules: { ...VIRTUAL },
    fsCache: false,
    moduleCache: options.fresh !== true,
    interopDefault: true,
  })
  return jiti.import(file, { default: true })
}

/** TypeScript compiled to CommonJS wraps its default export once more. */
function unwrap(namespace: Readonly<Record<string, unknown>>): unknown {
  const value = namespace['default']
  if (typeof value !== 'object' || value === null) return value
  const inner = value as Readonly<Record<string, unknown>>
  return inner['__esModule'] === true ? inner['default'] : value
}

function missesThePluginApi(error: unknown): boolean {
  return error instanceof Error && error.message.includes('@dda-thinker/plugin-api')
}
