import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Fuzzed, isCoded, prepare } from '../bench/fuzz-readers.ts'
import { diceOf } from '../bench/mutate.ts'

// What bench/fuzz.ts does with 100,000 inputs, with some of each kind.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

let fuzzed: Fuzzed
beforeAll(async () => {
  fuzzed = await prepare()
})
afterAll(() => fuzzed.remove())

test('damaged files and words are read, passed over, or refused by a code with the next step', async () => {
  const uncoded: string[] = []
  for (const reader of fuzzed.readers) {
    for (let input = 0; input < Math.ceil(40 * Math.min(1, reader.weight)); input += 1) {
      try {
        await reader.once(diceOf(7_000_003 + input))
      } catch (error) {
        if (!isCoded(error)) uncoded.push(`${reader.name}, input ${input}: ${String(error)}`)
      }
    }
  }
  expect(uncoded).toEqual([])
})
