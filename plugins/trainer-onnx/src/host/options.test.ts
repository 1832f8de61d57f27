import { expect, test } from 'vitest'
import { completeTrainerOptions } from './options.ts'

test.each([
  ['gae', 'reward'],
  ['reinforce++', 'reward'],
  ['grpo', 'loss'],
  ['rloo', 'loss'],
] as const)('with %s the KL is charged in the %s', (advantage, place) => {
  expect(completeTrainerOptions({ advantage }).kl.place).toBe(place)
  expect(completeTrainerOptions({ advantage, kl: { place: 'off' } }).kl.place).toBe('off')
  expect(completeTrainerOptions({ advantage, kl: { place: 'reward' } }).kl.place).toBe('reward')
})
