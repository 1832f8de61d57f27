// Shared by the tests beside the sources; not part of the API.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  API_VERSION,
  type DdaError,
  definePlugin,
  isDdaError,
  type Plugin,
  type PluginApi,
  Type,
} from '@dda-thinker/plugin-api'
import { onTestFinished } from 'vitest'

/** A folder outside the repository with these files, gone when the test ends. */
export function project(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'dda-core-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

/** The error that a function ends with. */
export async function failure(fn: () => unknown): Promise<DdaError> {
  try {
    await fn()
  } catch (error) {
    if (isDdaError(error)) return error
    throw error
  }
  throw new Error('expected a DdaError, and nothing was thrown')
}

/** A plugin without options. */
export function plugin(name: string, setup: (api: PluginApi) => void): Plugin {
  return definePlugin({
    name,
    apiVersion: API_VERSION,
    options: Type.Object({}, { additionalProperties: false }),
    setup,
  })
}
