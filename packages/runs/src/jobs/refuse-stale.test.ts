import { expect, test } from 'vitest'
import type { Rollout } from '@dda-thinker/plugin-api'
import { makeMaskedRollout, makePlan, makeRollout } from '@dda-thinker/testkit'
import { refuseStale } from './refuse-stale.ts'

const planned = (policyVersion: number) => makePlan('Plan: darken it.', { policyVersion })
const of = (policyVersion: number): Rollout => makeRollout(planned(policyVersion), 0.5)

test.each([
  [0, 5],
  [1, 4],
])('with `train.maxStaleness` %i version 5 learns from a plan of version %i', (most, version) => {
  expect(() => refuseStale([of(version), of(5)], 5, most)).not.toThrow()
})

test.each([
  [0, 4],
  [1, 3],
])('with `train.maxStaleness` %i one of version %i is refused by its sample', (most, version) => {
  const stale = { ...of(version), sampleId: 'sample-7' }
  expect(() => refuseStale([of(5), stale], 5, most)).toThrow(
    expect.objectContaining({
      code: 'DDA_TRAINER_STALE',
      sampleId: 'sample-7',
      message: expect.stringContaining(`planned at version ${version} and the policy is at 5`) as string,
    }),
  )
})

test('a masked rollout, from which nothing is learned, may be of any age', () => {
  expect(() => refuseStale([makeMaskedRollout(planned(0)), of(5)], 5, 0)).not.toThrow()
})
