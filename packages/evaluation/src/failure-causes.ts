import { type Failure, type Rollout, TRANSIENT_KINDS } from '@dda-thinker/plugin-api'

/** Masked rollouts that one thing is to blame for, as far as stage, plugin and code tell. */
export interface FailureCause extends Pick<Failure, 'stage' | 'plugin' | 'code'> {
  /** How many there are. */
  readonly count: number
  /** Of the first, as are `message` and `next`. */
  readonly kind: Failure['kind']
  readonly message: string
  readonly next?: string
  /** How many of them may pass: those the same command tries again. */
  readonly transient: number
}

/** Adds up why rollouts are masked; its memory grows with the causes alone. */
export class FailureCauses {
  readonly #causes = new Map<string, { failure: Failure; count: number; transient: number }>()

  add({ outcome }: Pick<Rollout, 'outcome'>): void {
    if (outcome.kind !== 'masked') return
    const { failure } = outcome
    const key = JSON.stringify([failure.stage, failure.plugin, failure.code])
    const cause = this.#causes.get(key) ?? { failure, count: 0, transient: 0 }
    cause.count += 1
    if (TRANSIENT_KINDS.has(failure.kind)) cause.transient += 1
    this.#causes.set(key, cause)
  }

  /** The most frequent first; equally frequent ones in the order in which they came. */
  list(): readonly FailureCause[] {
    return [...this.#causes.values()]
      .toSorted((a, b) => b.count - a.count)
      .map(({ failure: { stage, plugin, code, kind, message, next }, count, transient }) => ({
        stage,
        ...(plugin === undefined ? {} : { plugin }),
        code,
        count,
        kind,
        transient,
        message,
        ...(next === undefined ? {} : { next }),
      }))
  }
}
