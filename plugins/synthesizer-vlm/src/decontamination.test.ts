import { expect, test } from 'vitest'
import { Contamination } from './decontamination.ts'

const DEFAULTS = { ngram: 8, stockPhrase: 3, similarity: 0.8 }

/** Instructions as benchmarks write them: a beginning that many share, and what is asked. */
const ASKED = ['it is left in the rain', 'the ice has melted', 'ten winters have gone by', 'the lamp is knocked over']
const CANDLE = 'Show the table once the candle on it has burnt down to the end.'
const BENCHMARK = [
  ...ASKED.map((asked) => `Draw what it will look like after ${asked}.`),
  CANDLE,
  'Cut the cake.',
  'Mark every second tile.',
]

function contamination(instructions: readonly string[], options: Partial<typeof DEFAULTS> = {}): Contamination {
  const found = new Contamination({ ...DEFAULTS, ...options })
  for (const instruction of instructions) found.addInstruction(instruction)
  return found
}

test('a benchmark’s instruction is found verbatim, in other dress, and inside of a longer one', () => {
  const found = contamination(BENCHMARK)
  for (const instruction of BENCHMARK) {
    expect(found.hasInstruction(instruction)).toBe(true)
    expect(found.hasInstruction(`  ${instruction.toUpperCase().replace('.', ' !')}`)).toBe(true)
  }
  // Three words are looked for only as a whole.
  for (const instruction of BENCHMARK.filter((one) => one !== 'Cut the cake.')) {
    expect(found.hasInstruction(`Look closely. ${instruction} Keep the rest as it is.`)).toBe(true)
  }
})

test('a stock phrase that many instructions share makes nobody’s instruction a benchmark’s', () => {
  const knot = 'Draw what it will look like after the knot is untied and the rope hangs down.'
  const found = contamination(BENCHMARK)
  for (const own of ['Draw what it will look like after it grew.', knot]) expect(found.hasInstruction(own)).toBe(false)
  // What the count is for: without it eight words in a row are enough.
  const all = contamination(BENCHMARK, { stockPhrase: 1000 })
  expect(all.hasInstruction(knot)).toBe(true)
})

test('what two instructions share is still theirs, and repeating an instruction makes none of it stock', () => {
  const shared = 'Show the table once the candle on it has toppled over.'
  expect(contamination([...BENCHMARK, shared]).hasInstruction('Paint the table once the candle on it has gone.')).toBe(
    true,
  )
  const repeated = contamination(
    Array.from({ length: 9 }, () => 'Show the table once the candle on it has burnt down.'),
  )
  expect(repeated.hasInstruction('Please show the table once the candle on it has burnt down, at night.')).toBe(true)
  expect(repeated.summary).toContain('9 instructions')
})

test('order does not matter, and an instruction that is added later counts', () => {
  const found = contamination([])
  expect(found.hasInstruction(CANDLE)).toBe(false)
  for (const instruction of BENCHMARK.toReversed()) found.addInstruction(instruction)
  expect(found.hasInstruction(`Now ${CANDLE}`)).toBe(true)
})
