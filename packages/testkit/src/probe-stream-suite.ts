import type { Estimator, Matrix, TrainerCapabilities } from '@dda-thinker/plugin-api'
import * as golden from './golden-vectors.ts'
import { assertClose } from './harness.ts'
import { closeWhere, type Check } from './probe-batches.ts'
import { plainAdvantages } from './probe-centre-suite.ts'
import { constant, firsts, lastOnly, random, scaled, streamed, type Streams } from './probe-stream-batches.ts'

/** G11, I27–I31, I33 */
export function registerStreams(check: Check, supports: TrainerCapabilities): void {
  const estimators = (['gae', 'grpo', 'rloo', 'reinforce++'] as const).filter((one) =>
    supports.estimators.includes(one),
  )
  if (supports.streams.includes('normalized') && supports.estimators.includes('grpo')) registerGolden(check)
  for (const estimator of estimators) {
    for (const mode of supports.streams) registerInvariants(check, estimator, mode)
    if (supports.streams.includes('normalized')) {
      registerOneLive(check, estimator)
      registerScale(check, estimator)
    }
    if (supports.streams.includes('split')) registerSplit(check, estimator)
  }
  for (const mode of supports.critic ? supports.streams : []) registerValueHeads(check, mode)
}

function registerGolden(check: Check): void {
  const { groups, cognitive, visual, constant: same, ...peers } = golden.STREAMS
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
      for (const [name, other] of [
        ['normalized', visual],
        ['oneLive', same],
      ] as const) {
        const parts = [cognitive, other].map((scores) => ({ weight: 1, rewards: placed(scores), asked: everybody }))
        const found = await probe.advantages({ ...plainAdvantages(about), streams: { mode: 'normalized', parts } })
        assertClose(firsts(found.advantages), expected[name], tolerance, name)
      }
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
    // A reward of one stream is an ordinary one, and under normalized not whitened over the batch: registerOneLive has its own check.
    for (const few of mode === 'normalized' ? [parts] : [parts.slice(0, 1), parts]) {
      const without = await probe.advantages(streamed(base, estimator, mode, few))
      const withIt = await probe.advantages(streamed(base, estimator, mode, [...few, constant(base, 0.4)]))
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

/** I28, I30: where the others are constant. */
function registerOneLive(check: Check, estimator: Estimator): void {
  const name = `streams normalized, ${estimator}`
  check(
    `I28 ${name}: one live stream beside constants is whitened like several, and they move nothing`,
    async (probe) => {
      const { base, parts } = random(28)
      const [live] = parts.slice(0, 1)
      if (live === undefined) return
      const { rewards, values = rewards } = live
      const alone = await probe.advantages(plainAdvantages({ ...base, rewards, values, estimator }))
      const expected = await probe.whiten({
        values: alone.advantages,
        mask: base.mask,
        variance: 'unbiased',
        shiftMean: true,
      })
      const unasked = { ...constant(base, 0), asked: base.mask.map(() => false) }
      for (const others of [[constant(base, 0.4)], [constant(base, 0)], [constant(base, -70), unasked], [unasked]]) {
        for (const all of [
          [live, ...others],
          [...others, live],
        ]) {
          const found = await probe.advantages(streamed(base, estimator, 'normalized', all))
          closeWhere(base.mask, found.advantages, expected, `beside ${others.length}`, 1e-6)
        }
      }
    },
  )
  check(`I28 ${name}: where no stream is live nothing moves`, async (probe) => {
    const { base } = random(28)
    const silent = [constant(base, 0.4), constant(base, 70)]
    const { advantages } = await probe.advantages(streamed(base, estimator, 'normalized', silent))
    const zeros = base.mask.map((row) => row.map(() => 0))
    closeWhere(base.mask, advantages, zeros, 'all constant', 1e-9)
  })
  check(`I30 ${name}: the scale of the only live stream does not matter`, async (probe) => {
    const { base, parts } = random(30)
    const [live] = parts.slice(0, 1)
    if (live === undefined) return
    const plain = await probe.advantages(streamed(base, estimator, 'normalized', [live, constant(base, 0.4)]))
    for (const factor of [0.1, 100]) {
      const large = [scaled(live, factor), constant(base, 0.4)]
      const found = await probe.advantages(streamed(base, estimator, 'normalized', large))
      closeWhere(base.mask, found.advantages, plain.advantages, `${factor} times as large`, 1e-4)
    }
  })
}

function registerScale(check: Check, estimator: Estimator): void {
  check(
    `I30 streams normalized, ${estimator}: the scale of a stream does not matter, its weight does`,
    async (probe) => {
      const { base, parts } = random(30)
      const plain = await probe.advantages(streamed(base, estimator, 'normalized', parts))
      const large = parts.map((part, i) => (i === 0 ? scaled(part, 100) : part))
      const found = await probe.advantages(streamed(base, estimator, 'normalized', large))
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
    `I33 streams ${mode}, gae: each value head has the returns of its stream, without the KL, and a silent one has none`,
    async (probe) => {
      const { base, parts } = random(33)
      const silent = { ...constant(base, 0.7), values: parts[0]?.values ?? [] }
      for (const live of [parts, parts.slice(0, 1)]) {
        // A head has nothing of the KL to value, however many streams are live.
        const input = { ...streamed(base, 'gae', mode, [...live, silent]), klCoefficient: 0.1 }
        const { returns, streamReturns } = await probe.advantages(input)
        if (returns !== undefined) throw new Error('there is no critic of the sum, and it has returns')
        for (const [i, { rewards, values = [] }] of live.entries()) {
          const own = await probe.gae({ rewards, values, mask: base.mask, gamma: 1, lambda: 1 })
          closeWhere(base.mask, streamReturns?.[i] ?? [], own.returns, `returns of stream ${i} of ${live.length}`, 1e-9)
        }
        if (streamReturns?.[live.length] !== null) throw new Error('a silent stream trains its value head')
      }
    },
  )
}
