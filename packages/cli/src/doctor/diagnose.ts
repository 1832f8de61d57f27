import {
  CURATORS,
  EDITOR,
  type EndpointReport,
  JUDGES,
  type List,
  type Opens,
  type Slot,
  SYNTHESIZERS,
  THINKER,
  EXTERNAL_TRAINER,
  TRAINER,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import { ContentStore } from '@dda-thinker/store'
import { projectPaths } from '@dda-thinker/runs'
import { canaryEdit, type CanaryReport } from './canary-edit.ts'
import { describeFailure, type FailureFacts } from './failure-facts.ts'

export interface EndpointCheck extends Omit<EndpointReport, 'error'> {
  readonly error?: FailureFacts
}

/** How one role is doing. */
export interface RoleCheck {
  /** `editor`, `judge`, `thinker`, ... */
  readonly role: string
  readonly plugin: string
  /** Absent: the role says nothing of endpoints; it may well be local. */
  readonly endpoints?: readonly EndpointCheck[]
  /** What concerns the role as a whole, for example a key that is not there. */
  readonly error?: FailureFacts
  /** Of Editors. */
  readonly canary?: CanaryReport
}

export interface DiagnoseOptions {
  /** Folder of the project's config file. */
  readonly root: string
  readonly signal: AbortSignal
  /** Make the canary edit, which may cost money? Default true. */
  readonly canary?: boolean
}

const ROLES: readonly (Slot<Opens> | List<Opens>)[] = [
  EDITOR,
  JUDGES,
  THINKER,
  TRAINER,
  EXTERNAL_TRAINER,
  SYNTHESIZERS,
  CURATORS,
] as readonly (Slot<Opens> | List<Opens>)[]

/**
 * Looks at every role of an assembly that is not open: reaches the endpoints of those that have some, and makes the canary
 * edit. Whatever is wrong is in the report; nothing but the signal's reason is thrown.
 */
export async function diagnose(assembly: Assembly, options: DiagnoseOptions): Promise<readonly RoleCheck[]> {
  const checks: RoleCheck[] = []
  for (const wanted of ROLES) {
    for (const role of rolesOf(assembly, wanted)) {
      const found = await reach(assembly, wanted.id, role, options)
      if (wanted === EDITOR) checks.push(await withCanary(assembly, found, options))
      else if (found.endpoints !== undefined || found.error !== undefined) checks.push(found)
    }
  }
  return checks
}

/** Is anything wrong with a role? */
export function roleFailed({ error, endpoints = [], canary }: RoleCheck): boolean {
  return error !== undefined || canary?.error !== undefined || endpoints.some((one) => one.error !== undefined)
}

function rolesOf(assembly: Assembly, wanted: Slot<Opens> | List<Opens>): readonly Opens[] {
  if (wanted.type === 'list') return assembly.all(wanted)
  return assembly.has(wanted) ? [assembly.resolve(wanted)] : []
}

async function reach(assembly: Assembly, id: string, role: Opens, options: DiagnoseOptions): Promise<RoleCheck> {
  const { signal, root } = options
  const check = { role: id, plugin: assembly.providerOf(role) }
  const { log, config } = assembly
  try {
    const images = new ContentStore(projectPaths(config, root).store)
    const reports = await role.diagnose?.({ images, signal, log, seed: config.seed })
    if (reports === undefined) return check
    const endpoints = reports.map(({ error, ...rest }): EndpointCheck => {
      return error === undefined ? rest : { ...rest, error: describeFailure(error) }
    })
    return { ...check, endpoints }
  } catch (error) {
    signal.throwIfAborted()
    return { ...check, error: describeFailure(error) }
  }
}

/** With all endpoints out of reach an edit could only repeat their errors. */
async function withCanary(assembly: Assembly, found: RoleCheck, options: DiagnoseOptions): Promise<RoleCheck> {
  const { error, endpoints = [] } = found
  const dead = endpoints.length > 0 && endpoints.every((endpoint) => endpoint.error !== undefined)
  if (options.canary === false || error !== undefined || dead) return found
  return { ...found, canary: await canaryEdit(assembly, options.root, options.signal) }
}
