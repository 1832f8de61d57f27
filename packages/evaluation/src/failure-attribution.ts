import { assess, type Failure, isSolved, itemsOf, type Rollout, type Sample } from '@dda-thinker/plugin-api'

/**
 * Where a rollout went wrong. `plan-wrong`: a cognitive item failed, or there was no plan to execute; the picture is not to
 * blame. `image-wrong`: every cognitive item passed and a visual one failed. `unattributed`: a visual item failed and the
 * checklist asks nothing of the plan. `failed`: a stage gave no result, which says nothing about plan or picture.
 */
export type FailureAttribution =
  | { readonly to: 'solved' | 'plan-wrong' | 'image-wrong' | 'unattributed' }
  | { readonly to: 'failed'; readonly stage: Failure['stage'] }

export function attributeFailure(rollout: Rollout, sample: Sample): FailureAttribution {
  const { outcome } = rollout
  if (outcome.kind === 'masked') return { to: 'failed', stage: outcome.failure.stage }
  if (isSolved(rollout, sample.checklist)) return { to: 'solved' }
  if (outcome.kind === 'gated') return { to: 'plan-wrong' }
  const cognitive = itemsOf(sample.checklist, 'cognitive')
  if (cognitive.length === 0) return { to: 'unattributed' }
  const right = assess(cognitive, rollout.verdicts).every(({ passed }) => passed === true)
  return { to: right ? 'image-wrong' : 'plan-wrong' }
}

/** Rollouts by where they went wrong; with the solved ones they are all of an evaluation. */
export interface FailureCounts {
  readonly planWrong: number
  /** The plan was right. */
  readonly imageWrong: number
  readonly unattributed: number
  /** Masked, by the stage that gave no result. */
  readonly failed: Readonly<Record<Failure['stage'], number>>
}

/** Adds up attributions one by one. */
export class FailureTally {
  #planWrong = 0
  #imageWrong = 0
  #unattributed = 0
  readonly #failed = { plan: 0, edit: 0, judge: 0, reward: 0 }

  add(rollout: Rollout, sample: Sample): void {
    const found = attributeFailure(rollout, sample)
    if (found.to === 'failed') this.#failed[found.stage] += 1
    else if (found.to === 'plan-wrong') this.#planWrong += 1
    else if (found.to === 'image-wrong') this.#imageWrong += 1
    else if (found.to === 'unattributed') this.#unattributed += 1
  }

  counts(): FailureCounts {
    return {
      planWrong: this.#planWrong,
      imageWrong: this.#imageWrong,
      unattributed: this.#unattributed,
      failed: { ...this.#failed },
    }
  }
}
