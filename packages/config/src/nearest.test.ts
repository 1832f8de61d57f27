import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['modle', ['mode', 'model', 'module'], 'model'],
  ['Steps', ['steps', 'stops'], 'steps'],
  ['samplePerStep', ['samplesPerStep', 'steps'], 'samplesPerStep'],
  ['weights', ['mode', 'model'], undefined],
  ['ab', ['cd', 'x'], undefined],
])('%s', (name, known, expected) => {
  expect(nearest(name, known)).toBe(expected)
})
