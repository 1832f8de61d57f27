import { expect, test } from 'vitest'
import type { HumanAnswer } from './human-agreement.ts'
import { peopleAgreement } from './people-agreement.ts'

const says = (by: string, answers: string): HumanAnswer[] =>
  answers.split('').flatMap((letter, place) => {
    const answer = ({ y: 'yes', n: 'no', u: 'unsure' } as const)[letter]
    return answer === undefined ? [] : [{ rollout: `r${place}`, item: 'v1', answer, by }]
  })

test('people are compared two by two, over what both are sure of', () => {
  const answers = [...says('ann', 'yynnyy'), ...says('bob', 'ynnnu-'), ...says('eve', '-----y')]
  const [pair, other, ...rest] = peopleAgreement(answers)
  expect(rest).toEqual([])
  // Three of four alike. By chance: ann says yes to 2 of 4, bob to 1: 2/4 · 1/4 + 2/4 · 3/4 = 1/2; kappa (3/4 − 1/2) / (1/2).
  expect(pair).toMatchObject({ people: ['ann', 'bob'], count: 4, raw: { value: 0.75, count: 4 }, kappa: 0.5 })
  // One question, to which both say yes: chance alone leaves nothing to disagree about.
  expect(other).toMatchObject({ people: ['ann', 'eve'], count: 1, raw: { value: 1 } })
  expect(other).not.toHaveProperty('kappa')
  expect(peopleAgreement(says('ann', 'yyy'))).toEqual([])
})
