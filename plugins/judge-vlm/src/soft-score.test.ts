import { expect, test } from 'vitest'
import { combine, fromProbability } from '@dda-thinker/chat-roles'
import { softScore } from './soft-score.ts'

const token = (word: string, chances: Readonly<Record<string, number>>) => ({
  token: word,
  logprob: Math.log(chances[word] ?? 1),
  top: Object.entries(chances).map(([one, chance]) => ({ token: one, logprob: Math.log(chance) })),
})

test('adds up the spellings of yes and of no', () => {
  const score = softScore([token('Yes', { Yes: 0.4, ' yes': 0.2, YES: 0.1, '▁no': 0.1, '"No': 0.1, Maybe: 0.1 })])
  expect(score?.mass).toBeCloseTo(0.9, 12)
  expect(score?.probability).toBeCloseTo(0.7 / 0.9, 12)
})

test('reads the first word, after white space of its own', () => {
  expect(softScore([token('\n', { '\n': 1 }), token('no', { no: 1 })])).toEqual({ probability: 0, mass: 1 })
})

test('words that begin like yes or no do not count', () => {
  expect(softScore([token('None', { None: 0.5, Note: 0.3, yesterday: 0.2 })])).toEqual({ probability: 0.5, mass: 0 })
})

test('counts the sampled token where it is not among the most likely', () => {
  const rare = { token: 'no', logprob: Math.log(0.01), top: [{ token: 'yes', logprob: Math.log(0.9) }] }
  expect(softScore([rare])?.mass).toBeCloseTo(0.91, 12)
})

test('has no score without tokens, words or alternatives', () => {
  expect(softScore(undefined)).toBeUndefined()
  expect(softScore([token(' ', { ' ': 1 })])).toBeUndefined()
  expect(softScore([{ token: 'yes', logprob: 0, top: [] }])).toBeUndefined()
})

test('soft scores are averaged, and close to one half they are unsure', () => {
  const samples = [0.9, 0.5, 0.7].map((probability) => fromProbability(probability, 0))
  expect(combine(samples, 0)).toEqual({ answer: 'yes', probability: expect.closeTo(0.7, 12) as number })
  expect(combine(samples, 0.25).answer).toBe('unsure')
  expect(fromProbability(0.5, 0).answer).toBe('unsure')
})

const votes = (...answers: readonly ('yes' | 'no' | 'unsure')[]) =>
  combine(
    answers.map((answer) => ({ answer })),
    0,
  )

test('of hard answers the majority counts; without one it is unsure', () => {
  expect(votes('yes', 'no', 'yes')).toEqual({ answer: 'yes', probability: expect.closeTo(2 / 3, 12) as number })
  expect(votes('yes', 'no')).toEqual({ answer: 'unsure', probability: 0.5 })
  expect(votes('yes', 'unsure', 'unsure').answer).toBe('unsure')
  expect(votes('no')).toEqual({ answer: 'no' })
})
