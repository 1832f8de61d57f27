import {
  canonicalJson,
  type DdaError,
  type Edit,
  type Plan,
  type PlanRequest,
  type PlanResult,
  type Rollout,
  type Thinker,
} from '@dda-thinker/plugin-api'
import type { Listed } from '@dda-thinker/evaluation'
import { LineIndex } from '@dda-thinker/store'
import { createHash } from 'node:crypto'
import { errors } from '../errors.ts'

/** Plans of a record by sample; read from it as they are asked for. */
export interface RecordedPlans {
  /** Of all their texts. */
  readonly fingerprint: string
  get(sampleId: string): Plan | undefined
}

/** The plans of recorded rollouts by sample; of several for a sample the first counts. What was held against one only for its Editor is forgotten. */
export function recordedPlans(rollouts: Listed<Rollout>): RecordedPlans {
  const index = new LineIndex(rollouts, ({ sampleId }) => sampleId)
  // As one JSON list.
  const hash = createHash('sha256').update('[')
  let place = 0
  for (const { sampleId, plan } of rollouts) {
    const isFirst = index.size === 0
    if (plan !== undefined && index.add(sampleId, place)) {
      hash.update(`${isFirst ? '' : ','}${canonicalJson([sampleId, plan.text])}`)
    }
    place += 1
  }
  return {
    fingerprint: `recorded:${hash.update(']').digest('hex').slice(0, 16)}`,
    get(sampleId) {
      const plan = index.get(sampleId)?.plan
      return plan === undefined ? undefined : asWritten(plan)
    },
  }
}

/** The edits of recorded rollouts by id of the rollout; read from the record as they are asked for. */
export function recordedEdits(rollouts: Listed<Rollout>): Pick<ReadonlyMap<string, Edit>, 'get' | 'has'> {
  const index = new LineIndex(rollouts, ({ id }) => id)
  let place = 0
  for (const { id, edit } of rollouts) {
    if (edit !== undefined) index.add(id, place)
    place += 1
  }
  return { get: (id) => index.get(id)?.edit, has: (id) => index.has(id) }
}

/**
 * A Thinker that gives recorded plans again, by sample: the same plans under another Editor. A sample without one fails with
 * `DDA_PLAN_NOT_RECORDED` and is masked.
 */
export function recordedThinker(plans: RecordedPlans): Thinker {
  return {
    fingerprint: plans.fingerprint,
    async *plan(requests: readonly PlanRequest[]): AsyncIterable<PlanResult> {
      for (const { id, input } of requests) {
        const plan = plans.get(input.id)
        yield plan === undefined ? { id, error: notRecorded(input.id) } : { id, plan: { ...plan, id } }
      }
    },
  }
}

function asWritten(plan: Plan): Plan {
  return !plan.format.ok && plan.format.by === 'editor' ? { ...plan, format: { ok: true } } : plan
}

function notRecorded(sampleId: string): DdaError {
  return errors.make('DDA_PLAN_NOT_RECORDED', { sample: sampleId }, { kind: 'unavailable', stage: 'plan', sampleId })
}
