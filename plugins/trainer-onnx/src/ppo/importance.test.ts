import { expect, test } from 'vitest'
import { importanceWeights } from './importance.ts'

test('a token counts by how much likelier it is now, up to the cap', () => {
  const now = Float64Array.from([-1, -1, -1, -50])
  const then = Float64Array.from([-1, -1 - Math.log(1.5), -9, -1])
  const [same, more, far, gone] = importanceWeights(now, then, 2)
  expect(same).toBe(1)
  expect(more).toBeCloseTo(1.5, 12)
  expect(far).toBe(2)
  expect(gone).toBeCloseTo(Math.exp(-20), 12)
})
