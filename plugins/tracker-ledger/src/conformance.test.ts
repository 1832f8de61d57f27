import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HookName, PluginApi } from '@dda-thinker/plugin-api'
import {
  hookSuite,
  makeContext,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  makeVerdicts,
  MISSING_IMAGE,
  testPluginOptions,
} from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin, { type LedgerReport } from './index.ts'

hookSuite({ test, plugin, observes: true })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { file: 'counts.json' } }],
  invalid: [
    { options: { file: '' }, code: 'DDA_CONFIG_INVALID', at: 'file' },
    { options: { path: 'x' }, code: 'DDA_CONFIG_INVALID', at: 'path' },
  ],
})

/** Sets the plugin up and gives its taps and its end. */
function setUp(runDir: string | undefined) {
  const taps = new Map<HookName, (noun: unknown, info: unknown) => unknown>()
  const ends: (() => unknown)[] = []
  const api: PluginApi = {
    provide: () => expect.unreachable('a tracker fills no slot'),
    contribute: () => expect.unreachable('a tracker is in no list'),
    tap: (hook, fn) => void taps.set(hook, fn as (noun: unknown, info: unknown) => unknown),
    onDispose: (fn) => void ends.push(fn),
    resolvePath: (path) => path,
    runDir,
    log: makeContext().log,
  }
  plugin.setup(api, { file: 'ledger.json' })
  return {
    taps,
    call: (hook: HookName, noun: unknown, info: unknown = { step: 1 }) => taps.get(hook)?.(noun, info),
    end: async () => {
      for (const end of ends) await end()
    },
  }
}

test('taps all six hooks, changes nothing, and writes what it counted', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'ledger-'))
  const { taps, call, end } = setUp(runDir)
  expect([...taps.keys()].toSorted()).toEqual(['curate', 'edit', 'judge', 'plan', 'synthesize', 'update'])

  const sample = makeSample({ subtask: 'decay' })
  const info = { step: 1, sample, rolloutId: 'r' }
  const plan = makePlan('Plan: wait')
  const edit = { image: MISSING_IMAGE, seed: 1, editor: 'fake', cost: { money: 0.5 } }
  const results = [
    call('synthesize', sample),
    call('synthesize', makeSample({ id: 'other', split: 'held-out' })),
    call('curate', { sample, kept: true, reason: 'good' }),
    call('curate', { sample, kept: false, reason: 'bad' }),
    call('plan', plan, info),
    call('plan', { ...plan, format: { ok: false, problem: 'no tags' } }, info),
    call('edit', edit, info),
    call('edit', edit, info),
    call('judge', makeRollout(plan, 1, { verdicts: makeVerdicts(sample.checklist) }), info),
    call('judge', makeRollout(plan, 0.5, { verdicts: makeVerdicts(sample.checklist, { failed: ['picture'] }) }), info),
    call('judge', makeMaskedRollout(plan, 'timeout'), info),
    call('update', { step: 7, policyVersion: 8, metrics: {} }),
  ]
  // An observer returns nothing: the noun goes on as it came.
  expect(results.every((result) => result === undefined)).toBe(true)
  await end()

  const ledger = JSON.parse(await readFile(join(runDir, 'ledger.json'), 'utf8')) as LedgerReport
  expect(ledger).toEqual({
    samples: {
      count: 2,
      bySplit: { 'held-out': 1, train: 1 },
      byCategory: { temporal: 2 },
      bySubtask: { decay: 1 },
    },
    decisions: { kept: 1, dropped: 1, byReason: { bad: 1, good: 1 } },
    plans: { count: 2, malformed: 1, byProblem: { 'no tags': 1 }, bySubtask: { decay: 2 } },
    edits: { count: 2, byEditor: { fake: 2 }, money: 1 },
    rollouts: {
      count: 3,
      byOutcome: { masked: 1, scored: 2 },
      maskedByKind: { timeout: 1 },
      maskedByCause: { 'edit DDA_EDITOR_FAILED': 1 },
    },
    passRates: {
      byCategory: { temporal: { rollouts: 2, solved: 1, items: 4, itemsPassed: 3, solvedRate: 0.5, itemRate: 0.75 } },
      bySubtask: { decay: { rollouts: 2, solved: 1, items: 4, itemsPassed: 3, solvedRate: 0.5, itemRate: 0.75 } },
      byScope: {
        cognitive: { rollouts: 2, solved: 2, items: 2, itemsPassed: 2, solvedRate: 1, itemRate: 1 },
        visual: { rollouts: 2, solved: 1, items: 2, itemsPassed: 1, solvedRate: 0.5, itemRate: 0.5 },
      },
    },
    updates: { count: 1, lastStep: 7, policyVersion: 8 },
  })
})

test('an item that was never asked is neither passed nor failed', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'ledger-'))
  const { call, end } = setUp(runDir)
  const sample = makeSample()
  const info = { step: 1, sample, rolloutId: 'r' }
  const plan = makePlan('Plan: wait')
  const cognitive = makeVerdicts(sample.checklist, { scopes: ['cognitive'] })
  const gated = { kind: 'gated', reason: 'the plan has no executable part' } as const
  call('judge', makeRollout(plan, 1, { verdicts: makeVerdicts(sample.checklist) }), info)
  call('judge', makeRollout(plan, 0.1, { outcome: gated, verdicts: cognitive }), info)
  await end()
  const { rollouts, passRates } = JSON.parse(await readFile(join(runDir, 'ledger.json'), 'utf8')) as LedgerReport
  expect(rollouts).toMatchObject({ count: 2, byOutcome: { gated: 1, scored: 1 } })
  expect(passRates.byScope).toEqual({
    cognitive: { rollouts: 2, solved: 2, items: 2, itemsPassed: 2, solvedRate: 1, itemRate: 1 },
    visual: { rollouts: 1, solved: 1, items: 1, itemsPassed: 1, solvedRate: 1, itemRate: 1 },
  })
  // The gated one is unsolved all the same: there is no picture.
  expect(passRates.byCategory).toEqual({
    temporal: { rollouts: 2, solved: 1, items: 3, itemsPassed: 3, solvedRate: 0.5, itemRate: 1 },
  })
})

test('a rollout of which nothing was asked has no item rate', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'ledger-'))
  const { call, end } = setUp(runDir)
  const [, picture] = makeSample().checklist
  const sample = makeSample({ checklist: picture === undefined ? [] : [picture] })
  const gated = { kind: 'gated', reason: 'the plan has no executable part' } as const
  call('judge', makeRollout(makePlan('Plan:'), 0, { outcome: gated }), { step: 1, sample, rolloutId: 'r' })
  await end()
  const { passRates } = JSON.parse(await readFile(join(runDir, 'ledger.json'), 'utf8')) as LedgerReport
  expect(passRates.byCategory).toEqual({
    temporal: { rollouts: 1, solved: 0, items: 0, itemsPassed: 0, solvedRate: 0 },
  })
  expect(passRates.byScope).toEqual({})
})

test('without a run directory, or with nothing counted, it writes nothing', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'ledger-'))
  await setUp(runDir).end()
  await expect(stat(join(runDir, 'ledger.json'))).rejects.toThrow('ENOENT')
  const { call, end } = setUp(undefined)
  call('update', { step: 1, policyVersion: 1, metrics: {} })
  await expect(end()).resolves.toBeUndefined()
})

test('a ledger that cannot be written is an error that names the path', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'ledger-')), 'file')
  await writeFile(file, '')
  const { call, end } = setUp(file)
  call('update', { step: 1, policyVersion: 1, metrics: {} })
  await expect(end()).rejects.toMatchObject({
    code: 'DDA_LEDGER_WRITE',
    message: expect.stringContaining(file) as string,
  })
})
