import type { ChecklistItem, Plan, Rollout, Sample } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { compareEvaluations } from './comparison.ts'
import { summariseEvaluation } from './evaluation.ts'
import { itemFailures } from './item-failures.ts'
import { stepMetrics } from './metrics.ts'
import { Scoreboard } from './scores.ts'

const checklist: readonly ChecklistItem[] = [
  { id: 'a', scope: 'cognitive', question: 'A?', expected: 'yes' },
  { id: 'b', scope: 'visual', question: 'B?', expected: 'no' },
]

function sample(id: string, category = 'temporal', subtask?: string): Sample {
  const made: Sample = {
    id,
    images: [],
    instruction: '',
    category,
    reference: '',
    checklist,
    split: 'held-out',
    provenance: { plugin: 'test', seed: 0 },
  }
  return subtask === undefined ? made : { ...made, subtask }
}

/** Answers as letters: y, n, u (unsure), - (not asked); first item a (yes expected), then b (no expected). */
function scored(sampleId: string, answers: string, total = 0.5): Rollout {
  const names = { y: 'yes', n: 'no', u: 'unsure' } as const
  const verdicts = checklist.flatMap(({ id }, i) => {
    const letter = answers[i]
    return letter === 'y' || letter === 'n' || letter === 'u'
      ? [{ itemId: id, answer: names[letter], judge: 'test' }]
      : []
  })
  return {
    id: `${sampleId}/0`,
    sampleId,
    group: sampleId,
    member: 0,
    verdicts,
    reward: { total, components: {}, items: [], extras: {} },
    outcome: { kind: 'scored' },
  }
}

const plan = { id: 'p', format: { ok: true } } as unknown as Plan

function masked(sampleId: string): Rollout {
  const failure = { kind: 'timeout', stage: 'edit', code: 'DDA_EDITOR_TIMEOUT', message: 'late' } as const
  const { reward: _, ...rest } = scored(sampleId, '--')
  return { ...rest, outcome: { kind: 'masked', failure } }
}

function gated(sampleId: string): Rollout {
  return { ...scored(sampleId, 'n-', 0.1), outcome: { kind: 'gated', reason: 'critical item' } }
}

const samples = ['s1', 's2', 's3', 's4', 's5'].map((id, i) =>
  sample(id, i < 2 ? 'temporal' : 'causal', `task-${i % 2}`),
)

test('one solved and one gated rollout: one scored and two counted, whoever counts', () => {
  const rollouts = [scored('s1', 'yn', 1), gated('s2')]
  const board = new Scoreboard()
  for (const rollout of rollouts) board.add(rollout, sample(rollout.sampleId))
  const expected = { counted: 2, scored: 1, gated: 1 }
  expect(board.summary(0.95)).toMatchObject({ ...expected, masked: 0, solved: 0.5, coverage: 1 })
  expect(summariseEvaluation(rollouts, samples)).toMatchObject({ ...expected, solved: { value: 0.5, count: 2 } })
  expect(itemFailures(rollouts, samples).filter(({ itemId }) => itemId === 'b')).toMatchObject([{ asked: 1 }])
  const known = new Map(samples.map((one) => [one.id, one]))
  const metrics = stepMetrics(
    [
      { ...rollouts[0], plan },
      { ...rollouts[1], plan },
    ] as Rollout[],
    known,
  )
  expect(metrics).toMatchObject({ solved: 0.5, 'rollout/scored': 1, 'rollout/gated': 1 })
})

test('masked rollouts leave numerator and denominator; gated ones count as unsolved', () => {
  const rollouts = [scored('s1', 'yn', 1), scored('s2', 'yy'), masked('s3'), gated('s4'), scored('s5', 'yn', 1)]
  const summary = summariseEvaluation(rollouts, samples)
  expect(summary).toMatchObject({ rollouts: 5, scored: 3, gated: 1, masked: { timeout: 1 }, coverage: 0.8 })
  expect(summary.solved).toMatchObject({ count: 4, value: 0.5 })
  expect(summary.reward.value).toBeCloseTo((1 + 0.5 + 0.1 + 1) / 4, 12)
  expect(summary.byCategory['causal']).toMatchObject({ count: 2, value: 0.5 })
  expect(Object.keys(summary.bySubtask)).toEqual([
    'causal / task-0',
    'causal / task-1',
    'temporal / task-0',
    'temporal / task-1',
  ])
})

test('an unsure or missing answer passes no item, even where no is expected', () => {
  const summaries = ['yn', 'yu', 'y-', 'un', 'yy'].map((answers) =>
    summariseEvaluation([scored('s1', answers)], samples),
  )
  expect(summaries.map(({ solved }) => solved.value)).toEqual([1, 0, 0, 0, 0])
})

test('a rollout of an unknown sample is refused, not skipped', () => {
  expect(() => summariseEvaluation([scored('other', 'yn')], samples)).toThrow(RangeError)
})

test('nothing scored gives no number', () => {
  const { solved, reward } = summariseEvaluation([masked('s1')], samples)
  expect(solved).toEqual({ count: 0 })
  expect(reward).toEqual({ count: 0 })
})

test('a comparison pairs by sample, leaves unpaired ones out and lists flips with the items that changed', () => {
  const a = [scored('s1', 'nn', 0), scored('s2', 'yn', 1), scored('s3', 'yn', 1), masked('s4')]
  const b = [scored('s1', 'yn', 1), scored('s2', 'yy', 0.5), scored('s3', 'yn', 1), scored('s4', 'yn', 1)]
  const comparison = compareEvaluations(a, b, samples)
  expect(comparison).toMatchObject({ pairs: 3, unpaired: 1 })
  expect(comparison.solved).toMatchObject({ count: 3, value: 0, better: 1, worse: 1, same: 1 })
  expect(comparison.reward.value).toBeCloseTo(0.5 / 3, 12)
  expect(comparison.flips).toMatchObject([
    { sampleId: 's1', category: 'temporal', subtask: 'task-0', direction: 'gained', items: ['a'] },
    { sampleId: 's2', category: 'temporal', subtask: 'task-1', direction: 'lost', items: ['b'] },
  ])
  const [first] = samples
  expect(comparison.flips[0]).toMatchObject({
    instruction: first?.instruction,
    questions: first?.checklist.filter(({ id }) => id === 'a').map(({ question }) => question),
  })
})

test('item failures are counted by sub-task over the rollouts that count, worst first', () => {
  const rows = itemFailures([scored('s1', 'ny'), scored('s2', 'yn'), scored('s3', 'yy'), masked('s4')], samples)
  expect(rows.map(({ subtask, itemId, asked, failed }) => [subtask, itemId, asked, failed])).toEqual([
    ['causal / task-0', 'b', 1, 1],
    ['temporal / task-0', 'a', 1, 1],
    ['temporal / task-0', 'b', 1, 1],
    ['causal / task-0', 'a', 1, 0],
    ['temporal / task-1', 'a', 1, 0],
    ['temporal / task-1', 'b', 1, 0],
  ])
})
