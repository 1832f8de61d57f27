import type { HumanAnswer } from './human-agreement.ts'
import { agreement } from './statistics/agreement.ts'
import type { Estimate } from './statistics/interval.ts'

/** How far two people say the same of the questions that both are sure of. */
export interface PeopleAgreement {
  readonly people: readonly [string, string]
  /** Questions that both answered yes or no. */
  readonly count: number
  /** Share of equal answers, with its Wilson interval. */
  readonly raw: Estimate
  /** Cohen's kappa; absent where both always say the same one thing. */
  readonly kappa?: number
}

/**
 * Each two people who answered a question in common, those with the most in common first.
 *
 * @param answers one of each person to a question
 * @param confidence two-sided level of the intervals. Default 0.95
 */
export function peopleAgreement(answers: Iterable<HumanAnswer>, confidence = 0.95): readonly PeopleAgreement[] {
  const byPerson = new Map<string, Map<string, boolean>>()
  for (const { rollout, item, answer, by } of answers) {
    if (answer === 'unsure') continue
    const own = byPerson.get(by) ?? new Map<string, boolean>()
    byPerson.set(by, own.set(JSON.stringify([rollout, item]), answer === 'yes'))
  }
  const people = [...byPerson].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const pairs = people.flatMap(([a, first], place) =>
    people.slice(place + 1).map(([b, second]): PeopleAgreement => {
      const both = [...first].flatMap(([question, human]) => {
        const judge = second.get(question)
        return judge === undefined ? [] : [{ human, judge }]
      })
      const { count, raw, kappa } = agreement(both, confidence)
      return { people: [a, b], count, raw, ...(kappa === undefined ? {} : { kappa }) }
    }),
  )
  return pairs.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)
}
