import { DdaError, type DdaErrorDetails, isDdaError } from '@dda-thinker/plugin-api'
import { messageOf } from '@dda-thinker/config'

/** Who was called, and about what. */
export type Attribution = Pick<DdaErrorDetails, 'plugin' | 'hook' | 'stage' | 'sampleId' | 'location'>

const PLACES = ['plugin', 'hook', 'stage', 'sampleId', 'location'] as const

/**
 * The error with what is known about its place. A coded error keeps its code, message, kind and next step, and whatever it
 * already names wins; anything else becomes `DDA_PLUGIN_FAILED` of kind `plugin-error`. The original is the cause. A new
 * error is made, because one failure may be shared by several rollouts.
 */
export function attribute(error: unknown, to: Attribution, call?: string): DdaError {
  const known = isDdaError(error) ? error : undefined
  if (known !== undefined && PLACES.every((place) => known[place] !== undefined || to[place] === undefined))
    return known
  const details: Record<string, unknown> = { cause: error }
  const kind = known === undefined ? 'plugin-error' : known.kind
  const next = known === undefined ? 'See the cause: it is what the plugin threw.' : known.next
  if (kind !== undefined) details['kind'] = kind
  if (next !== undefined) details['next'] = next
  if (known?.stopsRun === true) details['stopsRun'] = true
  for (const key of PLACES) {
    const value = known?.[key] ?? to[key]
    if (value !== undefined) details[key] = value
  }
  if (known !== undefined) return new DdaError(known.code as `DDA_${string}`, known.message, details)
  const where = call === undefined ? '' : ` in ${call}`
  const sample = to.sampleId === undefined ? '' : ` on sample ${to.sampleId}`
  return new DdaError(
    'DDA_PLUGIN_FAILED',
    `Plugin ${to.plugin ?? '(unknown)'} failed${where}${sample}: ${messageOf(error)}`,
    details,
  )
}
