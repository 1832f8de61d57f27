import type { AdvantageInput, Estimator, Matrix, TrainerCapabilities } from '@dda-thinker/plugin-api'
import { seededRandom } from './fakes/index.ts'
import * as golden from './golden-vectors.ts'
import { assertClose } from './harness.ts'
import { closeWhere, type Check } from './probe-batches.ts'
import { plainAdvantages } from './probe-centre-suite.ts'

type Streams = NonNullable<AdvantageInput['streams']>
type Part = Streams['parts'][number]

/** G11, I27–I31, I33 */
export function registerStreams(check: Check, supports: TrainerCapabilities): void {
  const estimators = (['gae', 'grpo', 'rloo', 'reinforce++'] as const).filter((one) =>
    supports.estimators.includes(one),
  )
  if (supports.streams.includes('normalized') && supports.estimators.includes('grpo')) registerGolden(check)
  for (const estimator of estimators) {
    for (const mode of supports.streams) registerInvariants(check, estimator, mode)
    if (supports.streams.includes('normalized')) registerScale(check, estimator)
    if (supports.streams.includes('split')) registerSplit(check, estimator)
  }
  for (const mode of supports.critic ? supports.streams : []) registerValueHeads(check, mode)
}

function registerGolden(check: Check): void {
  const { groups, cognitive, visual, ...peers } = golden.STREAMS
  for (const [peer, { tokens, tolerance, ...expected }] of Object.entries(peers)) {
    check(`G11 streams under grpo have the numbers of ${peer}`, async (probe) => {
      const placed = (scores: readonly number[]): Matrix =>
        scores.map((score) => Array.from({ length: tokens }, (_, token) => (token === tokens - 1 ? score : 0)))
      const everybody = groups.map(() => true)
      const about = {
        rewards: placed(cognitive.map((score, i) => score + (visual[i] ?? 0))),
        mask: groups.map(() => Array.from({ length: tokens }, () => 1)),
        tokens: groups.map((_, i) => Array.from({ length: tokens }, () => i)),
        groups,
        estimator: 'grpo',
      } as const
      const parts = [cognitive, visual].map((scores) => ({ weight: 1, rewards: placed(scores), asked: everybody }))
      const normalized = await probe.advantages({ ...plainAdvantages(about), streams: { mode: 'normalized', parts } })
      assertClose(firsts(normalized.advantages), expected.normalized, tolerance, 'normalized')
      if (!('sum' in expected)) return
      const { advantages } = await probe.advantages(plainAdvantages(about))
      assertClose(firsts(advantages), expected.sum, tolerance, 'grpo on the sum')
    })
  }
}

function registerInvariants(check: Check, estimator: Estimator, mode: Streams['mode']): void {
  const name = `streams ${mode}, ${estimator}`
  check(`I27 ${name}: one stream has the numbers of a reward without streams`, async (probe) => {
    const [only] = random(27).parts
    if (only === undefined) return
    for (const klCoefficient of [0, 0.1]) {
      // Under gae the value head of the one stream is the critic.
      const { values = random(27).base.rewards } = only
      const base = { ...random(27).base, rewards: only.rewards, values, estimator, klCoefficient }
      const streams = { mode, parts: [{ ...only, asked: only.asked.map(() => true) }] }
      const plain = await probe.advantages(plainAdvantages(base))
      const found = await probe.advantages({ ...plainAdvantages(base), streams })
      closeWhere(base.mask, found.advantages, plain.advantages, `advantages at β ${klCoefficient}`, 1e-9)
      if (estimator === 'gae')
        closeWhere(base.mask, found.streamReturns?.[0] ?? [], plain.returns ?? [], 'returns', 1e-9)
    }
  })
  check(`I28 ${name}: a stream that everybody earned alike moves nothing`, async (probe) => {
    const { base, parts } = random(28)
    const constant = { weight: 3, rewards: lastOnly(base.mask, () => 0.4), asked: base.mask.map(() => true) }
    for (const few of [parts.slice(0, 1), parts]) {
      const without = await probe.advantages(streamed(base, estimator, mode, few))
      const withIt = await probe.advantages(streamed(base, estimator, mode, [...few, constant]))
      closeWhere(base.mask, withIt.advantages, without.advantages, `beside ${few.length}`, 1e-9)
    }
  })
  check(`I28 ${name}: a stream that nobody was asked for moves nothing`, async (probe) => {
    const { base, parts } = random(28)
    const unasked = { weight: 3, rewards: lastOnly(base.mask, () => 0), asked: base.mask.map(() => false) }
    const without = await probe.advantages(streamed(base, estimator, mode, parts))
    const withIt = await probe.advantages(streamed(base, estimator, mode, [...parts, unasked]))
    closeWhere(base.mask, withIt.advantages, without.advantages, 'beside the others', 1e-9)
  })
  check(`I29 ${name}: the order of rollouts and of streams changes nothing`, async (probe) => {
    const { base, parts } = random(29)
    const plain = await probe.advantages(streamed(base, estimator, mode, parts))
    const turned = await probe.advantages(
      streamed(
        {
          ...base,
          rewards: base.rewards.toReversed(),
          kl: base.kl.toReversed(),
          mask: base.mask.toReversed(),
          groups: base.groups.toReversed(),
          tokens: base.tokens.toReversed(),
        },
        estimator,
        mode,
        parts.toReversed().map((part) => ({
          ...part,
          rewards: part.rewards.toReversed(),
          asked: part.asked.toReversed(),
          values: part.values?.toReversed() ?? [],
        })),
      ),
    )
    closeWhere(base.mask, turned.advantages.toReversed(), plain.advantages, 'turned round', 1e-9)
  })
}

function registerScale(check: Check, estimator: Estimator): void {
  check(
    `I30 streams normalized, ${estimator}: the scale of a stream does not matter, its weight does`,
    async (probe) => {
      const { base, parts } = random(30)
      const plain = await probe.advantages(streamed(base, estimator, 'normalized', parts))
      const scaled = parts.map((part, i) => {
        const times = (table: Matrix = []): Matrix => table.map((row) => row.map((x) => x * (i === 0 ? 100 : 1)))
        // What a value head says is in the units of its stream.
        return { ...part, rewards: times(part.rewards), values: times(part.values) }
      })
      const found = await probe.advantages(streamed(base, estimator, 'normalized', scaled))
      closeWhere(base.mask, found.advantages, plain.advantages, 'a hundred times as large', 1e-4)
      const weighted = parts.map((part, i) => ({ ...part, weight: i === 0 ? 1 : 0 }))
      const one = await probe.advantages(streamed(base, estimator, 'normalized', weighted))
      const first = firsts(one.advantages)
      if (first.every((x, i) => Math.abs(x - (firsts(plain.advantages)[i] as number)) < 1e-3)) {
        throw new Error('the weight of a stream changes nothing')
      }
    },
  )
}

function registerSplit(check: Check, estimator: Estimator): void {
  check(`I31 streams split, ${estimator}: a stream is measured by those who were asked for it alone`, async (probe) => {
    const { base, parts } = random(31)
    const halves = parts.map((part, i) => {
      const asked = base.mask.map((_, row) => row % 2 === i)
      return { ...part, asked, rewards: part.rewards.map((row, r) => (asked[r] === true ? row : row.map(() => 0))) }
    })
    const together = await probe.advantages(streamed(base, estimator, 'split', halves))
    for (const [i, half] of halves.entries()) {
      const own = base.mask.flatMap((_, row) => (half.asked[row] === true ? [row] : []))
      const only = <T>(list: readonly T[]): T[] => own.map((row) => list[row] as T)
      const alone = await probe.advantages(
        plainAdvantages({
          rewards: only(half.rewards),
          values: only(half.values ?? []),
          mask: only(base.mask),
          groups: only(base.groups),
          tokens: only(base.tokens),
          estimator,
        }),
      )
      const expected = alone.advantages.map((row) => row.map((x) => x * half.weight))
      closeWhere(only(base.mask), only(together.advantages), expected, `stream ${i}`, 1e-9)
    }
  })
}

/** I33 */
function registerValueHeads(check: Check, mode: Streams['mode']): void {
  check(
    `I33 streams ${mode}, gae: each value head has the returns of its stream, and a silent one has none`,
    async (probe) => {
      const { base, parts } = random(33)
      const silent = { weight: 1, rewards: lastOnly(base.mask, () => 0.7), asked: base.mask.map(() => true) }
      const all = [...parts, { ...silent, values: parts[0]?.values ?? [] }]
      const { returns, streamReturns } = await probe.advantages(streamed(base, 'gae', mode, all))
      if (returns !== undefined) throw new Error('there is no critic of the sum, and it has returns')
      for (const [i, { rewards, values = [] }] of parts.entries()) {
        const own = await probe.gae({ rewards, values, mask: base.mask, gamma: 1, lambda: 1 })
        closeWhere(base.mask, streamReturns?.[i] ?? [], own.returns, `returns of stream ${i}`, 1e-9)
      }
      if (streamReturns?.[2] !== null) throw new Error('a stream that everybody earned alike trains its value head')
    },
  )
}

type Base = Pick<AdvantageInput, 'rewards' | 'kl' | 'mask' | 'groups' | 'tokens'>

/** Three groups of four, plans of several lengths, two streams of unlike scale. */
function random(seed: number): { readonly base: Base; readonly parts: readonly Part[] } {
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

function streamed(base: Base, estimator: Estimator, mode: Streams['mode'], parts: readonly Part[]): AdvantageInput {
  return { ...plainAdvantages({ ...base, estimator }), streams: { mode, parts } }
}

function lastOnly(mask: Matrix, reward: () => number): Matrix {
  return mask.map((row) => {
    const last = row.lastIndexOf(1)
    const earned = reward()
    return row.map((_, column) => (column === last ? earned : 0))
  })
}

function firsts(advantages: Matrix): number[] {
  return advantages.map((row) => row[0] as number)
}
