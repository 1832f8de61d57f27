import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where the projects of Vitest share what they transform: each would else transform the same sources for itself.
 * It goes with the run: kept longer, it would still lead to files that were moved since.
 */
export function sharedTransforms(): { readonly fsModuleCache: true; readonly fsModuleCachePath: string } {
  // By this name the next run finds and removes what a killed one left (own-temporary-folder.ts).
  const folder = join(tmpdir(), `dda-run-${process.pid}-transforms`)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return { fsModuleCache: true, fsModuleCachePath: folder }
}
