import { join, resolve } from 'node:path'
import type { LoadedConfig } from '@dda-thinker/config'

/** Folder of a run, before the workspace is open. */
export function runFolder({ config, dir }: LoadedConfig, name: string): string {
  return join(resolve(dir, config.runs.dir), name)
}
