import type { TrainerCapabilities, TrainerProbe } from '@dda-thinker/plugin-api'
import type { TestFunction } from './harness.ts'
import { registerGae, registerGroupBaseline, registerWhitening } from './probe-advantage-suite.ts'
import { registerUnbiasedness } from './probe-bias-suite.ts'
import { registerGroupCentre, registerKlAmongGroups, registerPlacement } from './probe-centre-suite.ts'
import { registerStreams } from './probe-stream-suite.ts'
import type { Check } from './probe-batches.ts'
import { registerKl } from './probe-kl-suite.ts'
import { registerPolicyLoss, registerValueLoss } from './probe-loss-suite.ts'

/** What the suite runs on: a way to reach the maths, and what the trainer says it can do. */
export interface ProbeSuiteOptions {
  readonly test: TestFunction
  /** Runs a check with a probe of an opened trainer. */
  readonly withProbe: (check: (probe: TrainerProbe) => Promise<void>) => Promise<void>
  readonly supports: TrainerCapabilities
}

/** Registers the golden vectors G1–G11 and the invariants of the update's arithmetic. */
export function trainerProbeSuite({ test, withProbe, supports }: ProbeSuiteOptions): void {
  const check: Check = (name, run) => test(name, () => withProbe(run))

  if (supports.critic) {
    registerGae(check)
    registerGroupCentre(check, supports)
    registerValueLoss(check)
  }
  registerWhitening(check)
  registerPolicyLoss(check, supports.lossAggregation)
  registerKl(check)
  registerGroupBaseline(check, supports)
  registerKlAmongGroups(check, supports)
  registerPlacement(check)
  registerStreams(check, supports)
  registerUnbiasedness(check, supports)
}
