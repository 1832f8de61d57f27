import type { Rollout, Sample } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { Priorities } from './priorities.ts'
import { walkedIn } from './schedule.ts'

const checklist = [{ id: 'a', scope: 'cognitive', question: 'Is it?', expected: 'yes' }] as const

function sample(id: string, category: string, subtask?: string): Sample {
  return { id, category, ...(subtask !== undefined && { subtask }), checklist } as unknown as Sample
}

/** @param solved of ten rollouts of the sample */
function rollouts({ id }: Sample, solved: number, outcome = 'scored'): Rollout[] {
  return Array.from({ length: 10 }, (_, at) => {
    const verdicts = [{ itemId: 'a', answer: at < solved ? 'yes' : 'no', judge: 'j' }]
    return { sampleId: id, outcome: { kind: outcome }, verdicts } as unknown as Rollout
  })
}

const heat = sample('s1', 'causal', 'heat')
const rain = sample('s2', 'causal', 'rain')
const samples = new Map([heat, rain].map((one) => [one.id, one]))

/** Share of 20,000 places of the walk at which the sample is drawn; its standard error is below 0.004. */
function drawn(priorities: Priorities, one: Sample): number {
  const places = 20_000
  let count = 0
  for (let at = 0; at < places; at += 1) if (!priorities.passesOver(one, at)) count += 1
  return count / places
}

test('a sample is drawn in proportion to 1 minus the rate of its sub-task, mastered ones now and then', () => {
  const priorities = new Priorities(7)
  expect(drawn(priorities, heat)).toBe(1)
  priorities.observe([...rollouts(heat, 10), ...rollouts(rain, 2)], samples)
  expect(drawn(priorities, heat)).toBeCloseTo(0.1, 1)
  expect(drawn(priorities, rain)).toBeCloseTo(1 - 0.2 * 0.9, 1)
  // What was never seen has first call.
  expect(drawn(priorities, sample('s3', 'spatial'))).toBe(1)
})

test('what was solved fades as steps go by, and what is forgotten comes back', () => {
  const priorities = new Priorities(7)
  priorities.observe(rollouts(heat, 10), samples)
  const mastered = drawn(priorities, heat)
  for (let step = 0; step < 10; step += 1) priorities.observe(rollouts(heat, 0), samples)
  expect(mastered).toBeLessThan(0.15)
  expect(drawn(priorities, heat)).toBeGreaterThan(0.95)
})

test('masked rollouts say nothing, those asked for a part say how that went', () => {
  const priorities = new Priorities(7)
  const asked = (solved: number, scope: string): Rollout[] =>
    rollouts(heat, solved).map((rollout) => ({ ...rollout, asked: [scope] }) as unknown as Rollout)
  // No item of the sample is visual.
  priorities.observe([...rollouts(heat, 10, 'masked'), ...asked(10, 'visual')], samples)
  expect(priorities.metrics()).toEqual({})
  priorities.observe(asked(4, 'cognitive'), samples)
  expect(priorities.metrics()).toEqual({ 'solved_lately/causal/heat': 0.4 })
})

test('the metrics of a step are all that a continued run needs', () => {
  const unbroken = new Priorities(7)
  unbroken.observe([...rollouts(heat, 3), ...rollouts(rain, 9)], samples)
  unbroken.observe(rollouts(heat, 7), samples)
  const metrics = JSON.parse(JSON.stringify({ reward: 1, ...unbroken.metrics() })) as Record<string, number>
  const continued = new Priorities(7, metrics)
  expect(continued.metrics()).toEqual(unbroken.metrics())
  for (let at = 0; at < 1000; at += 1) expect(continued.passesOver(rain, at)).toBe(unbroken.passesOver(rain, at))
})

test('steps whose metrics do not say how far they walked took what a step takes', () => {
  const lines = [
    { metrics: {} },
    { metrics: { 'groups/drawn': 9 } },
    { metrics: { 'groups/drawn': 9, 'groups/walked': 20 } },
  ]
  expect(walkedIn(lines, 4)).toBe(33)
})
