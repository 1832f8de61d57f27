import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Estimator } from '@dda-thinker/plugin-api'
import { planAdvantages, seededRandom } from '@dda-thinker/evaluation'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createOnnxTrainer } from '../../plugins/trainer-onnx/src/index.ts'
import { ensureBuilt } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { purchases, readJournalFile } from '../support/records.ts'
import { type Folder, ownTinyTabletop, TRAIN } from '../support/tiny-tabletop.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

let project: Folder
let dir = ''
const journal = () => join(dir, 'runs/run/journal.jsonl')

beforeAll(async () => {
  ensureBuilt('world')
  project = await ownTinyTabletop()
  dir = project.dir
  expect((await ddaHere(dir, ...TRAIN)).exitCode).toBe(0)
})
afterAll(() => project.remove())

test('a reward is explained as the sum that it is, with what its plan was compared with', async () => {
  const { rollouts } = readJournalFile(dir, 'run')
  const scored = rollouts.find(({ reward }) => reward !== undefined && reward.total > 0)
  const { exitCode, data } = await ddaHere(dir, 'reward', 'explain', String(scored?.id))
  expect(exitCode).toBe(0)
  expect(data).toMatchObject({ run: 'run', rollout: scored?.id, total: scored?.reward?.total })
  const sum = data.shares.reduce((all: number, { share }: { share: number }) => all + share, 0)
  expect(sum).toBeCloseTo(Number(scored?.reward?.total), 9)
  expect(data.shares.filter(({ scope }: { scope?: string }) => scope !== undefined)).toEqual(
    scored?.reward?.items.map(({ itemId }) =>
      expect.objectContaining({ item: itemId, question: expect.any(String), answer: expect.any(String) }),
    ),
  )
  const own = rollouts.filter(({ group }) => group === scored?.group).map(({ reward }) => reward?.total)
  expect(data.advantage.streams).toEqual([
    expect.objectContaining({ name: 'total', own: scored?.reward?.total, group: own }),
  ])
  const mean = own.reduce((all: number, x) => all + Number(x), 0) / own.length
  const others = (Number(scored?.reward?.total) - mean) * (own.length / (own.length - 1))
  expect(data.advantage).toMatchObject({ withoutCritic: true })
  expect(data.advantage.combined).toBeCloseTo(others, 9)
})

test('the same reward and streams flip nothing, and nobody is called', async () => {
  const before = [purchases(dir), readFileSync(journal(), 'utf8')]
  const { exitCode, data } = await ddaHere(dir, 'reward', 'what-if', 'run')
  expect(exitCode).toBe(0)
  const { rollouts } = readJournalFile(dir, 'run')
  expect(data).toMatchObject({
    compared: rollouts.length,
    flipped: 0,
    woken: 0,
    silenced: 0,
    flips: [],
    unmeasured: {},
  })
  expect(data.after).toEqual(data.before)
  expect([purchases(dir), readFileSync(journal(), 'utf8')]).toEqual(before)
})

test('another reward is made of the recorded verdicts, and tells whose advantage flips', async () => {
  // Two plans of one group, each right in one half; the record's reward was for the plan's half.
  const lines = readFileSync(journal(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const rollouts = lines.filter(({ type, rollout }) => type === 'rollout' && rollout.edit !== undefined)
  const group = rollouts.map(({ rollout }) => rollout.group).find((name, i, all) => all.indexOf(name) !== i)
  const pair = rollouts.filter(({ rollout }) => rollout.group === group).map(({ rollout }) => rollout)
  expect(pair).toHaveLength(2)
  for (const [member, rollout] of pair.entries()) {
    const right = member === 0 ? 'cognitive' : 'visual'
    const { data } = await ddaHere(dir, 'reward', 'explain', rollout.id)
    for (const { item, scope, expected } of data.shares) {
      for (const verdict of rollout.verdicts)
        if (verdict.itemId === item) verdict.answer = scope === right ? expected : 'unsure'
    }
    rollout.reward.total = member === 0 ? 1 : 0
  }
  writeFileSync(journal(), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
  const halves = { cognitive: '{cognitive: 1, visual: 0, format: 0}', visual: '{cognitive: 0, visual: 1, format: 0}' }
  const whatIf = (weights: string) => ddaHere(dir, 'reward', 'what-if', 'run', '--set', `reward.weights=${weights}`)
  const [cognitive, visual] = [await whatIf(halves.cognitive), await whatIf(halves.visual)]
  expect(cognitive.exitCode, cognitive.stderr).toBe(0)
  const flipped = ({ data }: typeof visual) =>
    data.flips.filter(({ id }: { id: string }) => pair.some((rollout) => rollout.id === id))
  expect(flipped(cognitive)).toEqual([])
  expect(flipped(visual)).toEqual([
    { id: pair[0].id, reward: [1, 0], advantage: [1, -1] },
    { id: pair[1].id, reward: [0, 1], advantage: [-1, 1] },
  ])
  expect(visual.data).toMatchObject({ withoutCritic: [true, true], settings: { before: { mode: 'sum' } } })
})

test('streams of a stored run are taken apart; what was never asked, or is not there, has no number', async () => {
  const streams = (mode: string) =>
    ddaHere(
      dir,
      'reward',
      'what-if',
      'run',
      '--set',
      'trainer.advantage=grpo',
      '--set',
      `trainer.streams.mode=${mode}`,
      '--set',
      'train.groupSize=4',
    )
  const { exitCode, data, stderr } = await streams('normalized')
  expect(exitCode, stderr).toBe(0)
  expect(data).toMatchObject({
    withoutCritic: [true, false],
    settings: { after: { mode: 'normalized' } },
    unmeasured: {},
  })
  expect(data.after.meanReward).toBeCloseTo(data.before.meanReward, 1)
  // Its groups of two leave no two members a side, whatever the configuration says now.
  expect(await streams('split')).toMatchObject({ exitCode: 2, error: { code: 'DDA_CONFIG_INVALID' } })
})

test.each([
  [['reward', 'explain', '9/nobody/0'], 'DDA_USAGE_ROLLOUT'],
  [['reward', 'what-if', 'nowhere'], 'DDA_RUN_MISSING'],
  [
    [
      'reward',
      'what-if',
      'run',
      '--set',
      'trainer.advantage=grpo',
      '--set',
      'trainer.streams.mode=normalized',
      '--set',
      'reward.combine=min',
    ],
    'DDA_REWARD_STREAMS',
  ],
])('%j is refused with %s', async (args, code) => {
  const { exitCode, error } = await ddaHere(dir, ...args)
  expect(exitCode).toBe(2)
  expect(error).toMatchObject({ code })
})

test.each([
  ['two streams', (drawn: number) => drawn * 0.1],
  ['one stream beside a constant', () => 0.25],
])('whole plans have the advantages that the trainer computes token by token, of %s', async (_, second) => {
  const probe = createOnnxTrainer({}).probe?.()
  const draw = seededRandom(7)
  const rows = Array.from({ length: 12 }, (_, i) => ({ group: `g${Math.floor(i / 4)}`, tokens: 1 + (i % 3) }))
  const scores = [(drawn: number) => drawn, second].map((of) => rows.map(() => of(Math.round(draw() * 4))))
  const weights = [1, 2]
  const mask = rows.map(({ tokens }) => [0, 1, 2].map((column) => (column < tokens ? 1 : 0)))
  const placed = (of: readonly number[]) =>
    rows.map(({ tokens }, i) => [0, 1, 2].map((column) => (column === tokens - 1 ? (of[i] ?? 0) : 0)))
  const zeros = mask.map((row) => row.map(() => 0))
  for (const estimator of ['grpo', 'rloo', 'reinforce++'] as const satisfies readonly Estimator[]) {
    for (const mode of ['normalized', 'split'] as const) {
      const asked = scores.map((_, stream) => rows.map((_one, i) => mode === 'normalized' || i % 2 === stream))
      const parts = scores.map((of, stream) => ({
        weight: weights[stream] ?? 1,
        asked: asked[stream] ?? [],
        rewards: placed(of.map((score, i) => (asked[stream]?.[i] ? score : 0))),
      }))
      const input = {
        rewards: zeros,
        kl: zeros,
        klCoefficient: 0,
        values: zeros,
        mask,
        groups: rows.map(({ group }) => group),
        tokens: rows.map((_, i) => [i]),
        estimator,
        gamma: 1,
        lambda: 1,
        whiten: true,
        whitenVariance: 'unbiased',
        groupCentre: 'off',
        streams: { mode, parts },
      } as const
      const trained = await probe?.advantages(input)
      const plans = rows.map((row, i) => ({
        ...row,
        scores: scores.map((of, stream) => (asked[stream]?.[i] ? of[i] : undefined)),
      }))
      const { combined } = planAdvantages(plans, { estimator, mode, weights })
      for (const [i, advantage] of combined.entries()) {
        expect(advantage, `${estimator} ${mode} ${i}`).toBeCloseTo(trained?.advantages[i]?.[0] ?? NaN, 6)
      }
    }
  }
})
