import { type Failure, isTriedAgain, type Rollout } from '@dda-thinker/plugin-api'

/** Masked rollouts that one thing is to blame for, as far as stage, plugin and code tell. */
export interface FailureCause extends Pick<Failure, 'stage' | 'plugin' | 'code'> {
  /** How many there are. */
  readonly count: number
  /** Of the first, as are `message` and `next`. */
  readonly kind: Failure['kind']
  readonly message: string
  readonly next?: string
  /** How many of them the same command tries again. */
  readonly transient: number
}

type FirstFailure = Omit<FailureCause, 'count' | 'transient'>

/** Adds up why rollouts are masked; its memory grows with the causes alone. */
export class FailureCauses {
  readonly #causes = new Map<string, { failure: FirstFailure; count: number; transient: number }>()

  add({ outcome }: Pick<Rollout, 'outcome'>): void {
    if (outcome.kind !== 'masked') return
    const { failure } = outcome
    this.#count(failure, 1, isTriedAgain(failure) ? 1 : 0)
  }

  /** Adds what was added up before. */
  merge(causes: readonly FailureCause[]): void {
    for (const { count, transient, ...failure } of causes) this.#count(failure, count, transient)
  }

  #count(failure: FirstFailure, count: number, transient: number): void {
    const key = JSON.stringify([failure.stage, failure.plugin, failure.code])
    const cause = this.#causes.get(key) ?? { failure, count: 0, transient: 0 }
    cause.count += count
    cause.transient += transient
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

/** Why rollouts are masked; empty where none is. */
export function causesOf(rollouts: readonly Pick<Rollout, 'outcome'>[]): readonly FailureCause[] {
  const causes = new FailureCauses()
  for (const rollout of rollouts) causes.add(rollout)
  return causes.list()
}
