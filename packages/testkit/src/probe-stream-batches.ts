import type { AdvantageInput, Estimator, Matrix } from '@dda-thinker/plugin-api'
import { seededRandom } from './fakes/index.ts'
import { plainAdvantages } from './probe-centre-suite.ts'

export type Streams = NonNullable<AdvantageInput['streams']>
type Part = Streams['parts'][number]
type Base = Pick<AdvantageInput, 'rewards' | 'kl' | 'mask' | 'groups' | 'tokens'>

/** Three groups of four, plans of several lengths, two streams of unlike scale. */
export function random(seed: number): { readonly base: Base; readonly parts: readonly Part[] } {
  const draw = seededRandom(seed)
  const mask = Array.from({ length: 12 }, (_, row) => Array.from({ length: 3 }, (_, c) => (c <= row % 3 ? 1 : 0)))
  const scores = [1, 0.01].map((scale) => lastOnly(mask, () => Math.round(draw() * 4) * scale))
  return {
    base: {
      rewards: mask.map((row, r) => row.map((_, c) => scores.reduce((sum, one) => sum + (one[r]?.[c] ?? 0), 0))),
      kl: mask.map((row) => row.map((bit) => bit * (draw() - 0.4) * 0.1)),
      mask,
      groups: mask.map((_, row) => `g${Math.floor(row / 4)}`),
      tokens: mask.map((row, r) => row.filter((bit) => bit === 1).map((_, c) => r * 10 + c)),
    },
    parts: scores.map((rewards, i) => ({
      weight: i + 1,
      rewards,
      asked: mask.map(() => true),
      values: mask.map((row) => row.map((bit) => bit * draw() * 2 * (i === 0 ? 1 : 0.01))),
    })),
  }
}

/** Everybody earned it alike. */
export function constant(base: Base, reward: number): Part {
  return { weight: 3, rewards: lastOnly(base.mask, () => reward), asked: base.mask.map(() => true) }
}

export function scaled(part: Part, factor: number): Part {
  const times = (table: Matrix = []): Matrix => table.map((row) => row.map((x) => x * factor))
  // What a value head says is in the units of its stream.
  return { ...part, rewards: times(part.rewards), values: times(part.values) }
}

export function streamed(
  base: Base,
  estimator: Estimator,
  mode: Streams['mode'],
  parts: readonly Part[],
): AdvantageInput {
  return { ...plainAdvantages({ ...base, estimator }), streams: { mode, parts } }
}

export function lastOnly(mask: Matrix, reward: () => number): Matrix {
  return mask.map((row) => {
    const last = row.lastIndexOf(1)
    const earned = reward()
    return row.map((_, column) => (column === last ? earned : 0))
  })
}

/** Of each row's first token. */
export function firsts(advantages: Matrix): number[] {
  return advantages.map((row) => row[0] as number)
}
