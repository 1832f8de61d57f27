import {
  compareEvaluations,
  FailureTally,
  itemFailures,
  seededRandom,
  summariseEvaluation,
} from '@dda-thinker/evaluation'
import type { Outcome, Rollout, Sample } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { armFacts } from './arm-facts.ts'
import { subjectArm } from './arms.ts'
import { gainOf } from './gain.ts'
import type { ReportInput } from './report-input.ts'

const random = seededRandom(5)
const SAMPLES = Array.from({ length: 400 }, (_, i): Sample => {
  const scopes = i % 9 === 0 ? (['visual'] as const) : (['cognitive', 'visual'] as const)
  return {
    id: `s${i}`,
    images: [],
    instruction: '',
    category: i % 3 === 0 ? 'temporal' : 'causal',
    ...(i % 5 === 0 ? {} : { subtask: `task-${i % 4}` }),
    reference: '',
    checklist: scopes.map((scope) => ({ id: scope, scope, question: `${scope} of ${i}?`, expected: 'yes' })),
    split: 'held-out',
    provenance: { plugin: 'test', seed: i },
  }
})

function rollout({ id, checklist }: Sample, n: number): Rollout {
  const verdicts = checklist.map((item) => {
    return { itemId: item.id, answer: random() < 0.7 ? ('yes' as const) : ('no' as const), judge: 'test' }
  })
  const reward = { total: random(), components: {}, items: [], extras: {} }
  return { id: `${id}/${n}`, sampleId: id, group: id, member: n, verdicts, reward, outcome: outcome() }
}

/** One in ten masked, one in ten gated. */
function outcome(): Outcome {
  const chance = random()
  if (chance < 0.1) {
    return { kind: 'masked', failure: { kind: 'timeout', stage: 'edit', code: 'DDA_EDITOR_TIMEOUT', message: 'late' } }
  }
  return chance < 0.2 ? { kind: 'gated', reason: 'a critical item' } : { kind: 'scored' }
}

function reportOf(rolloutsOfArm: () => readonly Rollout[]): ReportInput {
  return {
    project: 'test',
    run: 'run',
    createdAt: '',
    seed: 3,
    split: 'held-out',
    confidence: 0.9,
    samples: SAMPLES,
    arms: ['none', 'base', 'trained'].map((id) => {
      return { id, label: id, thinker: id, editor: 'test', rollouts: rolloutsOfArm() }
    }),
    evaluations: [],
    steps: [],
    seconds: {},
    causes: {},
    spending: [],
    facts: [],
    config: '',
    notes: [],
  }
}

const evaluated = reportOf(() => SAMPLES.map((sample) => rollout(sample, 0)))
/** In no order, some samples several times and some never. */
const served = reportOf(() =>
  Array.from({ length: 900 }, (_, n) => rollout(SAMPLES[Math.floor(random() * SAMPLES.length)] as Sample, n)),
)

test.each([
  ['an evaluation', evaluated],
  ['a service', served],
])('what one walk finds of %s is what the statistics say', (_, given) => {
  const [, baseline] = given.arms
  for (const arm of given.arms) {
    const facts = armFacts(arm, given)
    const { reward: _reward, ...summary } = summariseEvaluation(arm.rollouts, given.samples, given)
    expect(facts.summary).toEqual(summary)
    expect(facts.items).toEqual(arm === subjectArm(given) ? itemFailures(arm.rollouts, given.samples) : [])
    const byId = new Map([...given.samples].map((sample) => [sample.id, sample]))
    const tally = new FailureTally()
    for (const rollout of arm.rollouts) tally.add(rollout, byId.get(rollout.sampleId) as Sample)
    expect(facts.failures).toEqual(tally.counts())
    expect(facts.outcomes.countSamples()).toBe(new Set([...arm.rollouts].map(({ sampleId }) => sampleId)).size)
  }
  const subject = subjectArm(given)
  const { pairs, solved, bySubtask, flips } = compareEvaluations(
    baseline?.rollouts ?? [],
    subject?.rollouts ?? [],
    given.samples,
    given,
  )
  expect(gainOf(given)).toEqual({ pairs, solved, bySubtask })
  expect(solved.better).toBe(flips.filter(({ direction }) => direction === 'gained').length)
  expect(solved.worse).toBeGreaterThan(0)
})
