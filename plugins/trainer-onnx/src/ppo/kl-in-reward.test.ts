import { expect, test } from 'vitest'
import { klInReward } from './kl-in-reward.ts'

test('the KL penalty is taken off token by token', () => {
  expect([...klInReward([0, 0, 1], [0.5, -1, 0], 0.1)]).toEqual([-0.05, 0.1, 1])
})
