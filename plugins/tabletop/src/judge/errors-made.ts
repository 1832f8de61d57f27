import type { Scope } from '@dda-thinker/plugin-api'
import { hashText, randomOf } from '@dda-thinker/tabletop-world'

/** The wrong answers a judge gives on purpose, to see what they do to training. */
export interface JudgeErrors {
  /** Share of its answers, 0 to 1, that are the opposite of what it sees; of each scope. */
  readonly rate: Readonly<Record<Scope, number>>
  /** Decides which. */
  readonly seed: number
}

/**
 * Is this answer a wrong one?
 *
 * @param about all that the answer depends on: the sample, the plan or edited picture, and the question. The same, and the judge errs in
 * the same way, however often and beside whatever else it is asked
 */
export function errs({ rate, seed }: JudgeErrors, scope: Scope, about: readonly string[]): boolean {
  return rate[scope] > 0 && randomOf(hashText([seed, scope, ...about].join('\n')))() < rate[scope]
}
