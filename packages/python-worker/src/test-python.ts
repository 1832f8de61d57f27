import { existsSync } from 'node:fs'
import { venvFolder, venvPython } from './ensure-venv.ts'

/**
 * The interpreter of the shared environment, for suites that need its packages; undefined where `DDA_SKIP_PYTHON=1` skips
 * them by name, or where there is no environment yet (`npm test` makes it, or fails).
 */
export function testPython(): string | undefined {
  const python = venvPython(venvFolder())
  return process.env.DDA_SKIP_PYTHON !== '1' && existsSync(python) ? python : undefined
}
