import type { LossKlEstimator } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { gradients, Graph, OnnxSession, type RunOutput, type Tensor } from '@dda-thinker/onnx-graph'
import { statWeights, tokenWeights } from './aggregate.ts'
import { ppoFeeds, type PpoBatch, type PpoCoefficients } from './ppo-feeds.ts'
import { declarePpoInputs, klTerm, ppoLoss } from './ppo-loss.ts'
import { klValues } from './kl.ts'
import { PPO_STATS, type PpoStat } from './stats.ts'

const N = 6
const full = {
  mask: [1, 1, 1, 1, 1, 1],
  oldLogProbs: [-1, -2, -0.5, -1.5, -0.1, -3],
  refLogProbs: [-1.2, -1.5, -0.5, -1.6, -0.3, -2.5],
  advantages: [1, -1, 2, -0.5, 0.7, -2],
  returns: [0.8, 0.1, 0.9, -0.2, 0.5, 0.4],
  oldValues: [0.5, 0.2, 0.7, 0, 0.4, 0.6],
}
const now = {
  logProbs: [-0.9, -2.6, -0.45, -1.1, -0.35, -1.2],
  entropy: [1, 1.2, 0.4, 0.9, 0.3, 1.5],
  values: [0.95, 0.25, 0.6, 0.4, 0.45, 0.1],
}
const coefficients: PpoCoefficients = {
  clipLow: 0.2,
  clipHigh: 0.28,
  dualClip: 3,
  valueClip: 0.2,
  vfCoef: 0.5,
  entCoef: 0.01,
  klCoef: 0.05,
}
type Now = { logProbs: number[]; entropy: number[]; values: number[] }

async function run(
  batch: PpoBatch,
  policy: Now,
  klEstimator: LossKlEstimator = 'k3',
  settings: PpoCoefficients = coefficients,
): Promise<{ total: number; stats: Record<PpoStat, number>; gradient: Now }> {
  const shape = [batch.mask.length]
  const graph = new Graph()
  const wrt = {
    logProbs: graph.parameter('logProbs', shape),
    entropy: graph.parameter('entropy', shape),
    values: graph.parameter('values', shape),
  }
  const loss = ppoLoss(wrt, declarePpoInputs(graph, shape, { critic: true, kl: true }), { klEstimator })
  graph.output('total', loss.total)
  graph.output('stats', loss.stats)
  const names = ['logProbs', 'entropy', 'values'] as const
  gradients(
    loss.total,
    names.map((name) => wrt[name]),
  ).forEach((gradient, i) => graph.output(`d.${names[i]}`, gradient))
  const session = await OnnxSession.create(graph.build())
  const feeds = Object.fromEntries(names.map((name) => [name, Float32Array.from(policy[name])]))
  const out = await session.run({ ...ppoFeeds(batch, settings), ...feeds })
  await session.release()
  const numbers = (name: string): number[] => floats(out[name])
  return {
    total: numbers('total')[0] as number,
    stats: Object.fromEntries(PPO_STATS.map((name, i) => [name, numbers('stats')[i]])) as Record<PpoStat, number>,
    gradient: { logProbs: numbers('d.logProbs'), entropy: numbers('d.entropy'), values: numbers('d.values') },
  }
}

function batchOf(rows: number, data: typeof full = full): PpoBatch {
  const grid = { rows, columns: data.mask.length / rows, mask: data.mask }
  const weights = tokenWeights(grid, 'seq-mean-token-mean', 0)
  return { ...data, policyWeights: weights, valueWeights: weights, statWeights: statWeights(grid) }
}

test('the total is the weighted sum of its parts', async () => {
  const { total, stats } = await run(batchOf(2), now)
  expect(total).toBeCloseTo(stats.policyLoss + 0.5 * stats.valueLoss - 0.01 * stats.entropy + 0.05 * stats.kl, 6)
  const kl = klValues('k3', now.logProbs, full.refLogProbs)
  expect(stats.kl).toBeCloseTo(kl.reduce((sum, value) => sum + value, 0) / N, 6)
  expect(stats.entropy).toBeCloseTo(now.entropy.reduce((sum, value) => sum + value, 0) / N, 6)
  expect(stats.ratioMax).toBeCloseTo(Math.exp(1.8), 5)
})

test('gradients agree with finite differences of the total', async () => {
  const { gradient } = await run(batchOf(2), now)
  const step = 1e-3
  for (const name of ['logProbs', 'values', 'entropy'] as const) {
    for (let i = 0; i < N; i++) {
      const at = async (offset: number): Promise<number> =>
        (await run(batchOf(2), { ...now, [name]: now[name].with(i, (now[name][i] as number) + offset) })).total
      const slope = ((await at(step)) - (await at(-step))) / (2 * step)
      expect(Math.abs(slope - (gradient[name][i] as number))).toBeLessThan(3e-4)
    }
  }
})

test('the losses and gradients of micro-batches add up to those of the mini-batch', async () => {
  const batch = batchOf(3)
  const whole = await run(batch, now)
  const halves = await Promise.all(
    [[0, 2] as const, [2, 6] as const].map(([from, to]) => {
      const cut = (values: ArrayLike<number>): number[] => Array.from(values).slice(from, to)
      const part = Object.fromEntries(Object.entries(batch).map(([name, values]) => [name, cut(values)]))
      const policy = { logProbs: cut(now.logProbs), entropy: cut(now.entropy), values: cut(now.values) }
      return run(part as unknown as PpoBatch, policy)
    }),
  )
  expect(halves.reduce((sum, half) => sum + half.total, 0)).toBeCloseTo(whole.total, 6)
  for (const name of ['logProbs', 'entropy', 'values'] as const) {
    const joined = halves.flatMap((half) => half.gradient[name])
    joined.forEach((value, i) => expect(value).toBeCloseTo(whole.gradient[name][i] as number, 7))
  }
  expect(halves.reduce((sum, half) => sum + half.stats.clipFraction, 0)).toBeCloseTo(whole.stats.clipFraction, 6)
  expect(Math.max(...halves.map((half) => half.stats.ratioMax))).toBe(whole.stats.ratioMax)
})

test('nothing at a masked token matters, not even NaN', async () => {
  const masked = { ...full, mask: [1, 1, 0, 1, 1, 0] }
  const poisoned = {
    ...masked,
    oldLogProbs: masked.oldLogProbs.with(2, Number.NaN).with(5, -80),
    refLogProbs: masked.refLogProbs.with(2, Number.NaN),
    advantages: masked.advantages.with(2, Infinity).with(5, Number.NaN),
    returns: masked.returns.with(5, Number.NaN),
    oldValues: masked.oldValues.with(2, Number.NaN),
  }
  expect(await run(batchOf(2, poisoned), now)).toEqual(await run(batchOf(2, masked), now))
})

test('absent clips are off', async () => {
  const { valueClip, dualClip, ...free } = coefficients
  expect([valueClip, dualClip]).toEqual([0.2, 3])
  const { stats } = await run(batchOf(2), now, 'k3', free)
  const errors = now.values.map((value, i) => (value - (full.returns[i] as number)) ** 2 / 2)
  expect(stats.valueLoss).toBeCloseTo(errors.reduce((sum, error) => sum + error, 0) / N, 6)
  expect([stats.valueClipFraction, stats.lowerClipFraction]).toEqual([0, 0])
})

test('a runaway ratio stays finite and has no gradient', async () => {
  const { total, gradient, stats } = await run(batchOf(2), { ...now, logProbs: now.logProbs.with(1, 200) })
  expect(Number.isFinite(total)).toBe(true)
  expect(stats.ratioMax).toBeCloseTo(Math.exp(20), -3)
  // The k3 term is past its bound as well.
  expect(gradient.logProbs[1]).toBeCloseTo(0, 9)
})

test('k3+ has the value of k3 and the gradient of k2', async () => {
  const graph = new Graph()
  const policy = graph.parameter('policy', [1])
  const value = klTerm(policy, graph.constant([-1.2], [1]), 'k3+')
  graph.output('value', value)
  graph.output('gradient', gradients(value, [policy])[0] as Tensor)
  const session = await OnnxSession.create(graph.build())
  const out = await session.run({ policy: Float32Array.of(-1) })
  await session.release()
  expect(floats(out['value'])[0]).toBeCloseTo(0.018731, 6)
  expect(floats(out['gradient'])[0]).toBeCloseTo(0.2, 6)
})

function floats(output: RunOutput | undefined): number[] {
  return Array.from((output?.data ?? []) as Float32Array)
}
