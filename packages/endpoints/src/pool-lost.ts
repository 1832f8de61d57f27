import type { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'

/** An endpoint that is not waited for without end. Times in milliseconds of `performance.now()`. */
export interface LostEndpoint {
  readonly url: string
  /** Waiting for it ends here. */
  readonly at: number
  /** It asked to be left alone until then. */
  readonly pausedUntil?: number
  readonly failingSince?: number
}

/** The error of all calls that wait where no endpoint is left to wait for. */
export function poolLost(lost: readonly LostEndpoint[], now: number, last: unknown): EndpointError {
  const urls = lost.map(({ url }) => url).join(', ')
  const words = last instanceof Error ? ` (${last.message})` : ''
  const pauses = lost.flatMap(({ pausedUntil }) => pausedUntil ?? [])
  if (pauses.length > 0) {
    const ms = Math.max(0, Math.min(...pauses) - now)
    // Seconds are kept: the run may be resumed by a timer.
    const until = new Date(Math.ceil((Date.now() + ms) / 1000) * 1000).toISOString().replace('.000Z', 'Z')
    const holes = { seconds: Math.ceil(ms / 1000), until, urls, words }
    return callErrors.make('DDA_ENDPOINT_PAUSED', holes, { kind: 'unavailable' })
  }
  const seconds = Math.round((now - Math.max(...lost.map(({ failingSince }) => failingSince ?? now))) / 1000)
  return callErrors.make('DDA_ENDPOINT_DOWN', { seconds, urls, words }, { kind: 'unavailable' })
}
