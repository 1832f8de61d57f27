import { contractErrors, counts, type Rollout } from '@dda-thinker/plugin-api'

/**
 * Holds a step to `train.maxStaleness`, whoever trains. A plan of a version that is yet to come is no plan of this policy; such
 * the trainer refuses, which alone knows its plans.
 * @throws DdaError `DDA_TRAINER_STALE` naming the sample
 */
export function refuseStale(rollouts: readonly Rollout[], policyVersion: number, maxStaleness: number): void {
  for (const { id, sampleId, plan, outcome } of rollouts) {
    if (plan === undefined || !counts(outcome) || policyVersion - plan.policyVersion <= maxStaleness) continue
    const problem = `was planned at version ${plan.policyVersion} and the policy is at ${policyVersion}`
    const holes = { rollout: id, sample: sampleId, problem }
    throw contractErrors.make('DDA_TRAINER_STALE/rollout', holes, { sampleId, stage: 'update' })
  }
}
