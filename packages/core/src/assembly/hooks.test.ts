import { DdaError, HOOK_NAMES, type HookName, type Plan, type Sample, type StageInfo } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { CallLog } from './calls.ts'
import { LifecycleHooks } from './hooks.ts'
import { failure } from '../../../../test/support/testing.ts'

const plan: Plan = {
  id: 'p1',
  sampleId: 's1',
  text: 'text',
  reasoning: '',
  executable: 'text',
  format: { ok: true },
  thinker: 'test',
  policyVersion: 0,
  seed: 1,
}
const sample: Sample = {
  id: 's1',
  images: [],
  instruction: 'do',
  category: 'causal',
  reference: '',
  checklist: [],
  split: 'train',
  provenance: { plugin: 'test', seed: 1 },
}
const info = { step: 0, sample, rolloutId: 'r1' }

function hooks() {
  const calls = new CallLog()
  return { calls, hooks: new LifecycleHooks(calls) }
}

test('HOOK_NAMES names every hook', () => {
  // The type makes this list complete; the comparison makes the constant so.
  const complete: Record<HookName, true> = {
    synthesize: true,
    curate: true,
    plan: true,
    edit: true,
    judge: true,
    update: true,
  }
  expect(HOOK_NAMES).toEqual(Object.keys(complete))
})

test('a hook without taps gives back the noun itself', async () => {
  const { hooks: all } = hooks()
  all.freeze()
  expect(await all.call('plan', plan, info)).toBe(plan)
})

test('taps run in order; one that returns nothing observes', async () => {
  const { hooks: all, calls } = hooks()
  const seen: string[] = []
  all.declare({ name: 'second' }, 'plan', (noun) => ({ ...noun, text: `${noun.text}2` }))
  all.declare({ name: 'watcher' }, 'plan', (noun) => void seen.push(noun.text), { order: 'post' })
  all.declare({ name: 'first' }, 'plan', async (noun) => ({ ...noun, text: `${noun.text}1` }), { order: 'pre' })
  all.freeze()
  const result = await all.call('plan', plan, info)
  expect(result.text).toBe('text12')
  expect(seen).toEqual(['text12'])
  expect(all.order('plan')).toEqual(['first', 'second', 'watcher'])
  expect(calls.timings().map(({ plugin, call, count }) => [plugin, call, count])).toEqual([
    ['first', 'tap plan', 1],
    ['second', 'tap plan', 1],
    ['watcher', 'tap plan', 1],
  ])
  expect(calls.pending()).toEqual([])
})

test('a tap may not change what a noun was made from', async () => {
  const { hooks: all } = hooks()
  all.declare({ name: 'renamer' }, 'plan', (noun) => ({ ...noun, sampleId: 'other' }))
  all.freeze()
  const error = await failure(() => all.call('plan', plan, info))
  expect(error).toMatchObject({ code: 'DDA_HOOK_RESULT', plugin: 'renamer', hook: 'plan', sampleId: 's1' })
  expect(error.message).toContain('changed `sampleId` from "s1" to "other"')
})

test('a tap may not return what is no noun', async () => {
  const { hooks: all } = hooks()
  all.declare({ name: 'odd' }, 'plan', (() => 7) as never)
  all.freeze()
  expect((await failure(() => all.call('plan', plan, info))).code).toBe('DDA_HOOK_RESULT')
})

test('what a tap throws names plugin, hook and sample, and keeps the cause', async () => {
  const { hooks: all, calls } = hooks()
  const cause = new Error('boom')
  all.declare({ name: 'bad' }, 'synthesize', () => {
    throw cause
  })
  all.freeze()
  const stage: StageInfo = { step: 0 }
  const error = await failure(() => all.call('synthesize', sample, stage))
  expect(error).toMatchObject({
    code: 'DDA_PLUGIN_FAILED',
    kind: 'plugin-error',
    plugin: 'bad',
    hook: 'synthesize',
    stage: 'synthesize',
    sampleId: 's1',
  })
  expect(error.cause).toBe(cause)
  expect(calls.pending()).toEqual([])
})

test("a plugin's own coded error keeps its code and kind", async () => {
  const { hooks: all } = hooks()
  all.declare({ name: 'strict' }, 'plan', () => {
    throw new DdaError('DDA_STRICT_PLAN', 'too long', { kind: 'bad-input', next: 'Write less.' })
  })
  all.freeze()
  const error = await failure(() => all.call('plan', plan, info))
  expect(error).toMatchObject({
    code: 'DDA_STRICT_PLAN',
    kind: 'bad-input',
    next: 'Write less.',
    plugin: 'strict',
    hook: 'plan',
  })
})

test('a tap that never ends is pending', async () => {
  const { hooks: all, calls } = hooks()
  all.declare({ name: 'stuck' }, 'plan', async () => new Promise<void>(() => {}))
  all.freeze()
  void all.call('plan', plan, info)
  expect(calls.pending()).toMatchObject([{ plugin: 'stuck', call: 'tap plan' }])
})

test('a late tap and an unknown hook are refused', async () => {
  const { hooks: all } = hooks()
  const unknown = await failure(() => all.declare({ name: 'a' }, 'plann' as never, () => {}))
  expect(unknown.code).toBe('DDA_HOOK_UNKNOWN')
  expect(unknown.message).toContain('`plan`')
  all.freeze()
  expect((await failure(() => all.declare({ name: 'a' }, 'plan', () => {}))).code).toBe('DDA_HOOK_FROZEN')
})

test('a tap that makes a reward no number, or one that does not add up, is named', async () => {
  const reward = { total: 1, components: { good: 1 }, items: [], extras: { good: 1 } }
  const rollout = { id: 'r1', sampleId: 's1', plan, verdicts: [], reward, outcome: { kind: 'scored' } } as const
  const told = { step: 1, sample, rolloutId: 'r1', seed: 1, ask: async () => [] }
  for (const [changed, code] of [
    [{ ...reward, components: { good: Number.NaN } }, 'DDA_REWARD_NOT_FINITE'],
    [{ ...reward, total: 2 }, 'DDA_REWARD_INVALID'],
  ] as const) {
    const { hooks: all } = hooks()
    all.declare({ name: 'odd' }, 'judge', (noun) => ({ ...noun, reward: changed }))
    all.freeze()
    const error = await failure(() => all.call('judge', rollout as never, told as never))
    expect(error).toMatchObject({ code, plugin: 'odd', hook: 'judge', sampleId: 's1' })
  }
})
