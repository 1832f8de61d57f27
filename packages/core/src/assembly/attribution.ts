import { DdaError, type DdaErrorDetails, detailsOf, isDdaError } from '@dda-thinker/plugin-api'
import { messageOf } from '@dda-thinker/config'
import { fileError } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** Who was called, and about what. */
export type Attribution = Pick<DdaErrorDetails, 'plugin' | 'hook' | 'stage' | 'sampleId' | 'location'>

const PLACES = ['plugin', 'hook', 'stage', 'sampleId', 'location'] as const

/**
 * The error with what is known about its place. A coded error keeps its code, message, kind and next step, and whatever it
 * already names wins; a disk that is full
 * becomes `DDA_DISK_FULL`, anything else `DDA_PLUGIN_FAILED` of kind `plugin-error`. The original is the cause. A new
 * error is made, because one failure may be shared by several rollouts.
 */
export function attribute(error: unknown, to: Attribution, call?: string): DdaError {
  const known = diskFull(error, to.plugin) ?? (isDdaError(error) ? error : undefined)
  if (known !== undefined && PLACES.every((place) => known[place] !== undefined || to[place] === undefined))
    return known
  const at: Record<string, string> = {}
  for (const key of PLACES) {
    const value = known?.[key] ?? to[key]
    if (value !== undefined) at[key] = value
  }
  if (known !== undefined) {
    // What it says, and what it does to a run and to a command, is its table's.
    return new DdaError(known.code as `DDA_${string}`, known.message, { ...detailsOf(known), ...at, cause: known })
  }
  const where = call === undefined ? '' : ` in ${call}`
  const sample = to.sampleId === undefined ? '' : ` on sample ${to.sampleId}`
  return errors.make(
    'DDA_PLUGIN_FAILED',
    { plugin: to.plugin ?? '(unknown)', where, sample, why: messageOf(error) },
    { ...at, kind: 'plugin-error', cause: error },
  )
}

/** A disk or quota that is used up below a plugin is no defect of it. Threads and Python pass words on, no codes. */
function diskFull(error: unknown, plugin = 'a plugin'): DdaError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    const { code = '', path = `what ${plugin} keeps`, message } = at as NodeJS.ErrnoException
    if (code === 'DDA_DISK_FULL') return undefined
    const says = code === 'DDA_WORKER_FAILED' || !isDdaError(at) ? message : ''
    if (!/^(ENOSPC|EDQUOT)$/.test(code) && !/^(ENOSPC|EDQUOT)\b|\[Errno (28|122)\]/.test(says)) continue
    return fileError(Object.assign(new Error(message, { cause: error }), { code: 'ENOSPC' }), 'write', path) as DdaError
  }
  return undefined
}
