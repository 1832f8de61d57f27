// Damaged files and words in front of everything that reads them: each is read, passed over, or refused by a code with the next step.
//
//   npm run build
//   npx jiti bench/fuzz.ts [--inputs 100000] [--seed 1] [--only name]
//
// Exits with 1 where an error had no code or no next step, or a reader took longer than a minute.
import { parseArgs } from 'node:util'
import { isCoded, prepare } from './fuzz-readers.ts'
import { diceOf } from './mutate.ts'

const { values: flags } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const fuzzed = await prepare()
const readers = fuzzed.readers.filter(({ name }) => flags.only === undefined || name === flags.only)
const weights = readers.reduce((sum, { weight }) => sum + weight, 0)
let uncoded = 0
try {
  for (const reader of readers) {
    const { name, weight } = reader
    const inputs = Math.ceil((Number(flags.inputs) * weight) / weights)
    const counts = { read: 0, refused: 0, uncoded: 0 }
    const shown = new Set<string>()
    const begun = performance.now()
    for (let input = 0; input < inputs; input += 1) {
      const dice = diceOf(Number(flags.seed) * 1_000_003 + input)
      try {
        await inTime(reader.once(dice))
        counts.read += 1
      } catch (error) {
        if (isCoded(error)) {
          counts.refused += 1
          continue
        }
        counts.uncoded += 1
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        const kind = text
          .split('\n')
          .slice(0, 2)
          .join(' ')
          .replaceAll(/[0-9]+/g, '#')
        if (shown.size < 8 && !shown.has(kind)) {
          shown.add(kind)
          console.log(`  input ${input}: ${text.split('\n').slice(0, 5).join('\n    ')}`)
        }
      }
    }
    uncoded += counts.uncoded
    const ms = (performance.now() - begun) / inputs
    console.log(
      `${name}: ${inputs} inputs, ${counts.read} read, ${counts.refused} refused, ${counts.uncoded} without a code, ${ms.toFixed(2)} ms each`,
    )
  }
} finally {
  fuzzed.remove()
}
console.log(`${uncoded} errors without a code`)
process.exitCode = uncoded === 0 ? 0 : 1

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('it took longer than a minute')), 60_000)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
