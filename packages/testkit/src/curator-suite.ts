import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { CurationContext, CurationDecision, Curator, Rollout, Sample } from '@dda-thinker/plugin-api'
import {
  deepFreeze,
  makeContext,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  MemoryShelf,
  seededRandom,
} from './fakes/index.ts'
import { collect, stopsWhenAborted, withRole, type SuiteOptions } from './harness.ts'

export interface CuratorSuiteOptions extends SuiteOptions<Curator> {
  /** Samples to decide on. Default: eight made-up ones. */
  readonly samples?: readonly Sample[]
  /** What trying a sample brings. Default: rollouts whose rewards depend on the sample alone. */
  readonly tryRollouts?: CurationContext['tryRollouts']
}

/** Registers the conformance tests of a curator. */
export function curatorSuite(options: CuratorSuiteOptions): void {
  const { test, factory, tryRollouts = imaginedRollouts } = options
  const samples = deepFreeze(options.samples ?? Array.from({ length: 8 }, (_, i) => makeSample({ id: `sample-${i}` })))

  const curate = async (
    given: readonly Sample[],
    changes: Partial<CurationContext> = {},
  ): Promise<readonly CurationDecision[]> => {
    const context: CurationContext = {
      ...makeContext(changes),
      shelf: new MemoryShelf(),
      tryRollouts: changes.tryRollouts ?? tryRollouts,
    }
    return withRole(factory(), context, (curator) => collect(curator.curate(streamOf(given), context)))
  }

  test('decides on every sample exactly once, says why, and changes nothing but its difficulty', async () => {
    checkDecisions(await curate(samples), samples)
  })

  test('the same samples get the same decisions in the same order', async () => {
    assert.deepEqual(await curate(samples), await curate(samples))
  })

  test('no samples, no decisions', async () => {
    assert.deepEqual(await curate([]), [])
  })

  test('samples whose rollouts all failed are decided on too, without an invented difficulty', async () => {
    const decisions = await curate(samples, { tryRollouts: failedRollouts })
    checkDecisions(decisions, samples)
    const before = new Map(samples.map((sample) => [sample.id, sample.difficulty]))
    for (const { sample } of decisions)
      assert.deepEqual(sample.difficulty, before.get(sample.id), 'nothing was measured')
  })

  test('does not work when its signal is aborted already', () =>
    stopsWhenAborted((signal) => curate(samples, { signal })))

  test('an error while trying rollouts comes through', async () => {
    let tried = false
    const broken: CurationContext['tryRollouts'] = async () => {
      tried = true
      throw new Error('the Editor is on fire')
    }
    const outcome = await curate(samples, { tryRollouts: broken }).then(
      () => 'decided',
      () => 'failed',
    )
    assert.equal(outcome, tried ? 'failed' : 'decided')
  })
}

function checkDecisions(decisions: readonly CurationDecision[], samples: readonly Sample[]): void {
  assert.deepEqual(
    decisions.map((decision) => decision.sample.id).toSorted(),
    samples.map((sample) => sample.id).toSorted(),
    'every sample gets exactly one decision',
  )
  const byId = new Map(samples.map((sample) => [sample.id, sample]))
  for (const { sample, kept, reason } of decisions) {
    assert.equal(typeof kept, 'boolean')
    assert.ok(reason.trim().length > 0, `sample ${sample.id}: a decision has a reason`)
    const { difficulty, ...rest } = sample
    const { difficulty: before, ...original } = byId.get(sample.id) as Sample
    void before
    assert.deepEqual(rest, original, `sample ${sample.id} is as it was`)
    if (difficulty === undefined) continue
    assert.ok(
      Object.values(difficulty).every(Number.isFinite),
      `sample ${sample.id}: difficulty is made of finite numbers`,
    )
    assert.ok(difficulty.solved >= 0 && difficulty.solved <= 1 && difficulty.std >= 0 && difficulty.rollouts > 0)
  }
}

async function imaginedRollouts(sample: Sample, count: number): Promise<readonly Rollout[]> {
  const random = seededRandom(hashOf(sample.id))
  const ease = random()
  return Array.from({ length: count }, (_, member) => {
    const plan = makePlan('Plan: remove the cup', { id: `${sample.id}-${member}`, sampleId: sample.id })
    return makeRollout(plan, random() < ease ? 1 : 0.25, { id: `${sample.id}-${member}`, member })
  })
}

async function* streamOf<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items
}

async function failedRollouts(sample: Sample, count: number): Promise<readonly Rollout[]> {
  return Array.from({ length: count }, (_, i) =>
    makeMaskedRollout(makePlan('nothing', { id: `${sample.id}-${i}`, sampleId: sample.id })),
  )
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0)
}
