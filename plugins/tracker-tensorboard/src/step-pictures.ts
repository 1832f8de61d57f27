import { counts, type ImageRef, type JudgedInfo, type Rollout } from '@dda-thinker/plugin-api'

/** A rollout whose pictures are shown. */
export interface Pick {
  readonly id: string
  readonly reward: number
  readonly source: ImageRef | undefined
  readonly edit: ImageRef
  readonly images: JudgedInfo['images']
}

/** The training rollouts of a step with the highest and the lowest reward, of those with an edit; the first by id where several are. */
export interface StepPicks {
  readonly best: Pick
  /** Absent where the step has but one. */
  readonly worst?: Pick
}

/** Keeps two rollouts of each step under way: those of the next may be judged before the update of this one. */
export class StepPictures {
  readonly #every: number
  readonly #steps = new Map<number, StepPicks>()

  /** @param every steps of which this many are one apart are shown; 0: none */
  constructor(every: number) {
    this.#every = every
  }

  see(rollout: Rollout, { step, sample, images }: JudgedInfo): void {
    const { edit, reward, id, outcome } = rollout
    if (!this.#wants(step) || sample.split !== 'train' || !counts(outcome)) return
    if (edit === undefined || reward === undefined) return
    const pick: Pick = { id, reward: reward.total, source: sample.images[0], edit: edit.image, images }
    const known = this.#steps.get(step)
    if (known === undefined) {
      this.#steps.set(step, { best: pick })
      return
    }
    const { best, worst = best } = known
    this.#steps.set(step, { best: higher(pick, best) ? pick : best, worst: higher(worst, pick) ? pick : worst })
  }

  /** Those of a step, which is then forgotten. */
  take(step: number): StepPicks | undefined {
    const picks = this.#steps.get(step)
    this.#steps.delete(step)
    return picks?.worst?.id === picks?.best.id ? picks && { best: picks.best } : picks
  }

  /** The first step too: what training began with. */
  #wants(step: number): boolean {
    return this.#every > 0 && step > 0 && (step === 1 || step % this.#every === 0)
  }
}

function higher(a: Pick, b: Pick): boolean {
  return a.reward > b.reward || (a.reward === b.reward && a.id < b.id)
}
