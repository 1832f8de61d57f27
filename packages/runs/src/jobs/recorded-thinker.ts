import {
  type DdaError,
  type Plan,
  type PlanRequest,
  type PlanResult,
  type Rollout,
  type Thinker,
} from '@dda-thinker/plugin-api'
import { canonicalJson, sha256 } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** The plans of recorded rollouts by sample; of several for a sample the first counts. What was held against one only for its Editor is forgotten. */
export function recordedPlans(rollouts: Iterable<Rollout>): ReadonlyMap<string, Plan> {
  const plans = new Map<string, Plan>()
  for (const { sampleId, plan } of rollouts) {
    if (plan !== undefined && !plans.has(sampleId)) plans.set(sampleId, asWritten(plan))
  }
  return plans
}

/**
 * A Thinker that gives recorded plans again, by sample: the same plans under another Editor. A sample without one fails with
 * `DDA_PLAN_NOT_RECORDED` and is masked.
 */
export function recordedThinker(plans: ReadonlyMap<string, Plan>): Thinker {
  const texts = [...plans].map(([sampleId, plan]) => [sampleId, plan.text])
  return {
    fingerprint: `recorded:${sha256(canonicalJson(texts)).slice(0, 16)}`,
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
