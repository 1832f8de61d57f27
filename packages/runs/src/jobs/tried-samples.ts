import { counts, DigestSet, failedInPassing, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import { type FailureCause, FailureCauses } from '@dda-thinker/evaluation'
import { errors } from '../errors.ts'

/** What became of the samples that curators tried. */
export class TriedSamples {
  readonly #ids = new DigestSet()
  readonly #unmeasured = new Set<string>()
  readonly #causes = new FailureCauses()
  #rollouts = 0
  #counted = 0

  add({ id }: Sample, rollouts: readonly Rollout[]): void {
    this.#ids.add(id)
    for (const rollout of rollouts) {
      this.#rollouts += 1
      if (counts(rollout.outcome)) this.#counted += 1
      if (failedInPassing(rollout.outcome)) this.#unmeasured.add(id)
      this.#causes.add(rollout)
    }
  }

  /** How many samples were tried. */
  get count(): number {
    return this.#ids.size
  }

  /** Ids of samples of which a rollout failed in passing: what the others say of them would be another thing the next time. */
  get unmeasured(): readonly string[] {
    return [...this.#unmeasured]
  }

  get causes(): readonly FailureCause[] {
    return this.#causes.list()
  }

  /** @throws DdaError `DDA_CURATE_ALL_MASKED` where rollouts were tried and none counts */
  requireSome(): void {
    const [first] = this.#causes.list()
    if (this.#counted > 0 || first === undefined) return
    const { stage, code, message, plugin, next = 'Run dda doctor to see what is out of reach.' } = first
    throw errors.make(
      'DDA_CURATE_ALL_MASKED',
      { count: this.#rollouts, stage, code, message, advice: next },
      { stage, ...(plugin === undefined ? {} : { plugin }) },
    )
  }
}
