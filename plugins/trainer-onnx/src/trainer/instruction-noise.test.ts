import { expect, test } from 'vitest'
import { CounterRandom } from '../policy/random.ts'
import { withInstructionNoise } from './instruction-noise.ts'

const rows = Array.from({ length: 400 }, (_, i) => ({
  image: 0,
  temperature: 1,
  prompt: [1, 2, 3],
  tokens: Array.from({ length: 1 + (i % 20) }, () => 4),
}))
const limits = { emittable: 30, maxPrompt: 12 }

test('the wanted share of instructions is replaced, with the shorter plans only', () => {
  const noisy = withInstructionNoise(rows, 0.25, new CounterRandom(1, 'noise'), limits)
  const replaced = noisy.filter((row, i) => row.prompt !== rows[i]?.prompt)
  expect(replaced.length / rows.length).toBeGreaterThan(0.2)
  expect(replaced.length / rows.length).toBeLessThan(0.32)
  expect(Math.max(...replaced.map((row) => row.tokens.length))).toBeLessThanOrEqual(11)
  expect(replaced.every(({ prompt }) => prompt.length >= 5 && prompt.length <= 12)).toBe(true)
  expect(replaced.flatMap((row) => row.prompt).every((id) => id < 30)).toBe(true)
  expect(noisy.map((row) => row.tokens)).toEqual(rows.map((row) => row.tokens))
})

test('the same numbers give the same noise, and none is none', () => {
  const once = withInstructionNoise(rows, 0.25, new CounterRandom(1, 'noise'), limits)
  expect(withInstructionNoise(rows, 0.25, new CounterRandom(1, 'noise'), limits)).toEqual(once)
  expect(withInstructionNoise(rows, 0, new CounterRandom(1, 'noise'), limits)).toEqual(rows)
})
