import type { ProjectConfig } from '@dda-thinker/config'
import type { Files } from '@dda-thinker/store'
import type { Workspace } from '../data/workspace.ts'
import type { Signals } from './role-context.ts'

/** What every job that writes a run is given. */
export interface RunOptions extends Signals {
  readonly workspace: Workspace
  readonly runDir: string
  /** The config as written, secrets unexpanded, for the manifest. Default: the assembly's. */
  readonly printable?: ProjectConfig
  /** Continue although settings changed; the manifest is rewritten. Default false. */
  readonly allowConfigChange?: boolean
  readonly files?: Files
}
