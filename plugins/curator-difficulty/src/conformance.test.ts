import type { CurationContext, CurationDecision, Sample } from '@dda-thinker/plugin-api'
import {
  collect,
  curatorSuite,
  makeContext,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  makeVerdicts,
  MemoryShelf,
  testPluginOptions,
} from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import plugin, {
  type Band,
  decideOrder,
  difficultyCurator,
  type DifficultyOptions,
  MeasuredColumns,
  outOfBand,
  REASONS,
} from './index.ts'

const DEFAULTS: DifficultyOptions = { rollouts: 4, minStd: 0.05, window: 64, strata: 'subtask', order: 'easy-first' }

describe('default band', () => {
  curatorSuite({ test, factory: () => difficultyCurator(DEFAULTS) })
})

describe('drawn under a rising quantile', () => {
  curatorSuite({ test, factory: () => difficultyCurator({ ...DEFAULTS, order: 'rising-quantile' }) })
})

describe('narrow band, small windows', () => {
  const options = { ...DEFAULTS, minMean: 0.3, maxMean: 0.9, perStratum: 2, window: 3 }
  curatorSuite({ test, factory: () => difficultyCurator(options) })
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { rollouts: 16, minMean: 0.1, maxMean: 0.9, minStd: 0, perStratum: 20 } }],
  invalid: [
    { options: { rollouts: 0 }, code: 'DDA_CONFIG_INVALID', at: 'rollouts' },
    { options: { minStd: -1 }, code: 'DDA_CONFIG_INVALID', at: 'minStd' },
    { options: { minimum: 1 }, code: 'DDA_CONFIG_INVALID', at: 'minimum' },
    { options: { minMean: 0.9, maxMean: 0.1 }, code: 'DDA_CURATOR_BAND' },
    { options: { minPassRate: 0.9, maxPassRate: 0.1 }, code: 'DDA_CURATOR_BAND' },
    { options: { maxPassRate: 1.5 }, code: 'DDA_CONFIG_INVALID', at: 'maxPassRate' },
  ],
})

/** Rewards that trying each sample brings; `null` is a failed rollout. */
type Trials = Readonly<Record<string, readonly (number | null)[]>>

async function curate(
  options: Partial<DifficultyOptions>,
  trials: Trials,
  over: (id: string) => Partial<Sample> = () => ({}),
): Promise<{ decisions: CurationDecision[]; tried: string[] }> {
  const tried: string[] = []
  const samples = Object.keys(trials).map((id) => makeSample({ id, subtask: 'decay', ...over(id) }))
  const context: CurationContext = {
    ...makeContext(),
    shelf: new MemoryShelf(),
    async tryRollouts(sample, count) {
      tried.push(`${sample.id} x${count}`)
      return (trials[sample.id] ?? []).map((reward, member) => {
        const plan = makePlan('Plan: wait', { sampleId: sample.id })
        if (reward === null) return makeMaskedRollout(plan)
        const failed = reward >= 1 ? [] : ['picture']
        return makeRollout(plan, reward, { member, verdicts: makeVerdicts(sample.checklist, { failed }) })
      })
    },
  }
  async function* stream() {
    yield* samples
  }
  const curator = difficultyCurator({ ...DEFAULTS, ...options })
  return { decisions: await collect(curator.curate(stream(), context)), tried }
}

const kept = (decisions: readonly CurationDecision[]) =>
  decisions.filter(({ kept }) => kept).map(({ sample }) => sample.id)
const reasons = (decisions: readonly CurationDecision[]) =>
  Object.fromEntries(decisions.map(({ sample, reason }) => [sample.id, reason]))

test('keeps the band and the spread, easy first, and says why it dropped the rest', async () => {
  const { decisions, tried } = await curate(
    { minMean: 0.2, maxMean: 0.9 },
    {
      hard: [0, 0, 0, 0.4],
      middle: [0, 1, 0, 1],
      flat: [0.5, 0.5, 0.52, 0.5],
      easy: [1, 1, 1, 0.9],
      likely: [1, 1, 0.5, 0.5],
    },
  )
  expect(kept(decisions)).toEqual(['likely', 'middle'])
  expect(reasons(decisions)).toEqual({
    hard: REASONS.hard,
    middle: REASONS.kept,
    flat: REASONS.flat,
    easy: REASONS.easy,
    likely: REASONS.kept,
  })
  expect(tried).toContain('hard x4')
  const middle = decisions.find(({ sample }) => sample.id === 'middle')?.sample
  expect(middle?.difficulty).toEqual({ rollouts: 4, mean: 0.5, std: 0.5, solved: 0.5 })
})

test('failed rollouts leave both sides of the mean', async () => {
  const { decisions } = await curate({}, { shaky: [null, 1, 0, null], lost: [null, null] })
  const shaky = decisions.find(({ sample }) => sample.id === 'shaky')?.sample
  expect(shaky?.difficulty).toEqual({ rollouts: 4, mean: 0.5, std: 0.5, solved: 0.5 })
  expect(reasons(decisions)['lost']).toBe(REASONS.failed)
})

test('the held-out split is never tried', async () => {
  const { decisions, tried } = await curate({}, { seen: [0, 1], unseen: [0, 1] }, (id) =>
    id === 'unseen' ? { split: 'held-out' } : {},
  )
  expect(tried).toEqual(['seen x4'])
  expect(reasons(decisions)['unseen']).toBe(REASONS.heldOut)
  expect(decisions.find(({ sample }) => sample.id === 'unseen')?.sample).not.toHaveProperty('difficulty')
})

const subtaskOf = (id: string) => ({ subtask: id.startsWith('a') ? 'decay' : 'growth' })

test('every part of the curriculum has all sub-tasks; perStratum spreads over difficulties', async () => {
  const trials: Record<string, number[]> = {}
  for (let index = 0; index < 8; index += 1) trials[`a${index}`] = [1 - index / 8, 0]
  for (let index = 0; index < 4; index += 1) trials[`b${index}`] = [1 - index / 4, 0]
  const { decisions } = await curate({}, trials, subtaskOf)
  expect(
    kept(decisions)
      .map((id) => id[0])
      .join(''),
  ).toBe('aba'.repeat(4))
  const few = await curate({ perStratum: 2 }, trials, subtaskOf)
  expect(kept(few.decisions)).toEqual(['a2', 'b1', 'a6', 'b3'])
  expect(Object.values(reasons(few.decisions)).filter((reason) => reason === REASONS.surplus)).toHaveLength(8)
})

test('the pass rate counts rollouts with every item passed, and strata can be categories', async () => {
  const { decisions } = await curate(
    { minPassRate: 0.25, maxPassRate: 0.75, minStd: 0 },
    { never: [0.9, 0.9, 0.9, 0.8], half: [1, 1, 0, 0], always: [1, 1, 1, 1] },
  )
  expect(reasons(decisions)).toEqual({ never: REASONS.seldom, half: REASONS.kept, always: REASONS.often })
  const trials = { a0: [1, 0], a1: [0.5, 0], b0: [0.9, 0], b1: [0.1, 0] }
  const one = await curate({ strata: 'category', perStratum: 2 }, trials, subtaskOf)
  expect(kept(one.decisions)).toEqual(['b0', 'b1'])
})

test('another band over the same measurements is decided without a rollout', () => {
  const difficulties = { a: [0.2, 0], b: [0.5, 0.5], c: [0.8, 0.75] } as const
  const ids = (band: Band) => {
    const samples = new MeasuredColumns()
    const names = Object.entries(difficulties).flatMap(([id, [mean, solved]]) => {
      if (outOfBand({ rollouts: 4, mean, std: 0.4, solved }, band) !== undefined) return []
      samples.add({ id, stratum: '', ticket: 0, mean })
      return [id]
    })
    return [...decideOrder(samples, { order: 'easy-first' }, 1)].map(({ place }) => names[place])
  }
  expect(ids({ minStd: 0.05 })).toEqual(['c', 'b', 'a'])
  expect(ids({ minStd: 0.05, minPassRate: 0.25 })).toEqual(['c', 'b'])
  expect(ids({ minStd: 0.5 })).toEqual([])
})

test('samples of the same difficulty are ordered by id, whatever is in it and in whatever order they come', () => {
  const ids = ['ß', 'b', '', 'ab', 'a'.repeat(40_000), 'a']
  const samples = new MeasuredColumns()
  for (const id of ids) samples.add({ id, stratum: '', ticket: 0, mean: 0.5 })
  const ordered = [...decideOrder(samples, { order: 'easy-first' }, 1)].map(({ place }) => samples.id(place))
  expect(ordered).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)))
})

test('the rising quantile draws easy ones early with hard ones among them, every one once, by the seed alone', () => {
  const samples = new MeasuredColumns()
  // More than the columns begin with.
  for (let index = 0; index < 3000; index += 1) {
    samples.add({ id: `s${index}`, stratum: '', ticket: index * 7, mean: 1 - index / 3000 })
  }
  expect([samples.ticket(2999), samples.id(2999), samples.id(0)]).toEqual([2999 * 7, 's2999', 's0'])
  const order = (seed: number) =>
    [...decideOrder(samples, { order: 'rising-quantile' }, seed)].map(({ place }) => place)
  const drawn = order(1)
  expect(drawn.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, place) => place))
  expect(order(1)).toEqual(drawn)
  expect(order(2)).not.toEqual(drawn)
  const third = (part: number) => drawn.slice(part * 1000, part * 1000 + 1000).reduce((sum, one) => sum + one, 0) / 1000
  expect(third(0)).toBeLessThan(third(1) - 300)
  expect(third(1)).toBeLessThan(third(2) - 300)
  expect(Math.max(...drawn.slice(0, 1000))).toBeGreaterThan(1000)
})
