import { DdaError, type DdaErrorDetails, detailsOf, isDdaError } from '@dda-thinker/plugin-api'
import { messageOf } from '@dda-thinker/config'
import { diskFull } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** Who was called, and about what. */
export type Attribution = Pick<DdaErrorDetails, 'plugin' | 'hook' | 'stage' | 'sampleId' | 'location'>

const PLACES = ['plugin', 'hook', 'stage', 'sampleId', 'location'] as const

/**
 * The error with what is known about its place. A coded error keeps its code, message, kind and next step, and whatever it
 * already names wins; a disk that is full becomes `DDA_DISK_FULL`, anything else `DDA_PLUGIN_FAILED` of kind `plugin-error`. The original is
 * the cause. A new error is made, because one failure may be shared by several rollouts.
 */
export function attribute(error: unknown, to: Attribution, call?: string): DdaError {
  const known = diskFull(error, `what ${to.plugin ?? 'a plugin'} keeps`) ?? (isDdaError(error) ? error : undefined)
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
