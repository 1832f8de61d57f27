import { resolve } from 'node:path'
import type { LoadedConfig } from '@dda-thinker/config'

/** Folder of a run, before the workspace is open. @throws DdaError `DDA_RUN_NAME` */
export async function runFolder({ config, dir }: LoadedConfig, name: string): Promise<string> {
  const { runPath } = await import('@dda-thinker/runs')
  return runPath(resolve(dir, config.runs.dir), name)
}
