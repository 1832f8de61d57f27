import type { Plan } from './plan.ts'
import type { CallOptions, Opens } from './role-context.ts'
import type { Sample } from './sample.ts'

/** What a Thinker sees of a sample: never the reference, never the checklist. */
export type ThinkerInput = Pick<Sample, 'id' | 'images' | 'instruction'>

/** One plan wanted. */
export interface PlanRequest {
  /** Becomes the plan's id. */
  readonly id: string
  /** What the Thinker may see of the sample. */
  readonly input: ThinkerInput
  /** Equal seeds and equal policies, equal plans. */
  readonly seed: number
  /** Sampling temperature; 0 is greedy. Default: the Thinker's own. */
  readonly temperature?: number
}

/** One request's end: a plan, or the failure that masks it. */
export type PlanResult = { readonly id: string; readonly plan: Plan } | { readonly id: string; readonly error: unknown }

/** Samples → plans, each yielded as soon as it is finished, in any order; every request gets exactly one result. */
export interface Thinker extends Opens {
  /** Everything that changes its plans: name, weights, decoding. */
  readonly fingerprint: string
  /**
   * Its plans are dear and follow from fingerprint, input, seed and temperature: each is asked for once in the life of the
   * project's cache, as edits are. Default false, as for a policy under training.
   */
  readonly cacheable?: boolean
  /** Works on all requests together, as far as it can. */
  plan(requests: readonly PlanRequest[], options: CallOptions): AsyncIterable<PlanResult>
}
