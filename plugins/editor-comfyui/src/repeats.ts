import { type EndpointError, isAbsence, type RetryPolicy } from '@dda-thinker/endpoints'
import { Alarm } from './waiting.ts'

/**
 * Repeats questions about a job on its own server, all of one edit out of one purse: retries must not multiply. A server
 * that is away takes nothing out of it: its job may still be there afterwards, so it is waited for, for a while.
 */
export class Repeats {
  readonly #policy: RetryPolicy
  readonly #patienceMs: number
  #spent = 0

  /** @param patienceMs how long the server may be away at a stretch */
  constructor(policy: RetryPolicy, patienceMs: number) {
    this.#policy = policy
    this.#patienceMs = policy.attempts > 1 ? patienceMs : 0
  }

  /** For servers that have the job, and so have answered this edit before. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let away: { readonly since: number; times: number } | undefined
    for (;;) {
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        if (isLost(error)) throw error
        if (isAbsence(error)) {
          away ??= { since: performance.now(), times: 0 }
          away.times += 1
          if (performance.now() - away.since >= this.#patienceMs) throw error
          await new Alarm().wait(this.#policy.backOff(away.times), signal)
          continue
        }
        away = undefined
        this.#spent += 1
        const delay = this.#policy.delayAfter(error, this.#spent, true)
        if (delay === undefined) throw error
        await new Alarm().wait(delay, signal)
      }
    }
  }
}

/** What the server has forgotten it does not remember when asked again. */
function isLost(error: unknown): boolean {
  return (error as Partial<EndpointError>).code === 'DDA_EDITOR_JOB_LOST'
}
