import { expect, test } from 'vitest'
import type { GroupCentre } from '@dda-thinker/plugin-api'
import { stepAdvantages, type AdvantageSettings } from './step-advantages.ts'

/* Golden vectors and invariants are those of the suite in ../conformance.test.ts. Here: what it does not ask. */

const grid = { rows: 2, columns: 2, mask: Float64Array.from([1, 1, 1, 0]) }
const settings: AdvantageSettings = {
  estimator: 'gae',
  gamma: 1,
  lambda: 1,
  whiten: false,
  whitenVariance: 'unbiased',
  groupCentre: 'off',
}

function advantages(given: Partial<AdvantageSettings>, tokens: readonly (readonly number[])[], values = [0, 0, 0, 0]) {
  const tables = {
    rewards: Float64Array.from([0, 1, 0.5, 7]),
    kl: new Float64Array(4),
    coefficient: 0.1,
    values: Float64Array.from(values),
  }
  return [...stepAdvantages(grid, tables, { groups: ['a', 'a'], tokens }, { ...settings, ...given }).advantages]
}

test.each<readonly [GroupCentre]>([['plan'], ['prefix']])('rewards behind the end of a plan reach nobody: %s', (by) => {
  const found = advantages({ groupCentre: by }, [[1, 2], [3]])
  expect(found.slice(0, 3)).toEqual([0.5, 0.5, -0.5])
})

test('a plan that the others left keeps the comparison of where they parted, less what the critic has learnt since', () => {
  const values = [0.5, 0.75, 0.5, 0]
  expect(advantages({ groupCentre: 'prefix' }, [[1, 2], [3]], values).slice(0, 3)).toEqual([0.5, 0.25, -0.5])
})
