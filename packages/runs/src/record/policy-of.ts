import { EXTERNAL_TRAINER, type Slot, type TrainedPolicy, TRAINER } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'

/** The slots that the key `trainer` fills: one of them is. */
export const POLICY_SLOTS: readonly Slot<TrainedPolicy>[] = [TRAINER, EXTERNAL_TRAINER]

/** The policy in training, whoever trains it. @throws DdaError `DDA_SLOT_EMPTY` */
export function policyOf(assembly: Assembly): TrainedPolicy {
  return assembly.has(EXTERNAL_TRAINER) ? assembly.resolve(EXTERNAL_TRAINER) : assembly.resolve(TRAINER)
}

/** Is there one? */
export function hasPolicy(assembly: Assembly): boolean {
  return POLICY_SLOTS.some((slot) => assembly.has(slot))
}
