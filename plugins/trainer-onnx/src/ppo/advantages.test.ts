import { expect, test } from 'vitest'
import { statWeights, tokenWeights } from './aggregate.ts'
import { discountedReturns, gae } from './gae.ts'
import { baselineAdvantages, groupAdvantages } from './group-baseline.ts'
import { KlController } from './kl-controller.ts'
import { whiten } from './whiten.ts'

const grid = { rows: 2, columns: 3, mask: [1, 1, 0, 1, 0, 0] }

test('discounted returns are GAE without a critic', () => {
  const returns = discountedReturns({ rows: 1, columns: 4, mask: [1, 0, 1, 1] }, { rewards: [1, 9, 2, 4], gamma: 0.5 })
  expect([...returns]).toEqual([1 + 1 + 1, 0, 2 + 2, 4])
})

test('a batch whose arrays do not fit its shape is refused', () => {
  expect(() => gae(grid, { rewards: [1], values: [1], gamma: 1, lambda: 1 })).toThrow(
    expect.objectContaining({ code: 'DDA_GRID_SHAPE' }),
  )
})

test('whitening a constant batch gives zeros, not noise', () => {
  expect([...whiten([0.1, 0.1, 0.1, 7], [1, 1, 1, 0])].every((value) => Math.abs(value) < 1e-6)).toBe(true)
})

test('groups are compared within themselves; a group of one gets nothing', () => {
  const scores = [1, 10, 0, 30, 5]
  const groups = ['a', 'b', 'a', 'b', 'alone']
  const advantages = baselineAdvantages({ scores, groups, estimator: 'rloo' })
  expect([...advantages]).toEqual([1, -20, -1, 20, 0])
  expect([...groupAdvantages([0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2], 'grpo')]).toEqual([0, 0, 0])
})

test('weights of a row that is wholly masked are zero and do not count as a sequence', () => {
  const masked = { rows: 3, columns: 2, mask: [1, 1, 0, 0, 1, 0] }
  expect([...tokenWeights(masked, 'seq-mean-token-mean', 9)]).toEqual([0.25, 0.25, 0, 0, 0.5, 0])
  expect([...tokenWeights(masked, 'seq-mean-token-sum-norm', 4)]).toEqual([0.125, 0.125, 0, 0, 0.125, 0])
  expect([...tokenWeights(masked, 'token-sum', 9)]).toEqual([1, 1, 0, 0, 1, 0])
  expect([...statWeights(masked)]).toEqual([1 / 3, 1 / 3, 0, 0, 1 / 3, 0])
})

test('a fixed controller stays, an adaptive one resumes where it was', () => {
  const fixed = new KlController({ kind: 'fixed', coefficient: 0.1 })
  fixed.observe(100, 1000)
  expect(fixed.coefficient).toBe(0.1)
  const control = { kind: 'adaptive', initial: 0.2, target: 6, horizon: 100 } as const
  const adaptive = new KlController(control)
  adaptive.observe(12, 50)
  const resumed = new KlController(control)
  resumed.importState(adaptive.exportState())
  adaptive.observe(3, 50)
  resumed.observe(3, 50)
  expect(resumed.coefficient).toBe(adaptive.coefficient)
  expect(resumed.coefficient).not.toBe(0.2)
})
