import { counts, isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'

/** Counts training rollouts by their step: those of the next may be judged before the update of this one. */
export class StepTally {
  readonly #steps = new Map<
    number,
    { judged: number; masked: number; counted: number; whole: number; solved: number }
  >()

  add(step: number, rollout: Rollout, { split, checklist }: Sample): void {
    if (split !== 'train') return
    const tally = this.#steps.get(step) ?? { judged: 0, masked: 0, counted: 0, whole: 0, solved: 0 }
    this.#steps.set(step, tally)
    tally.judged += 1
    if (rollout.outcome.kind === 'masked') tally.masked += 1
    if (!counts(rollout.outcome)) return
    tally.counted += 1
    // Of a member that was asked for a part, nobody knows whether it is solved.
    if (rollout.asked !== undefined) return
    tally.whole += 1
    if (isSolved(rollout, checklist)) tally.solved += 1
  }

  /** Scalars by tag of a step, which is then forgotten; what was not measured has no tag. */
  take(step: number): Record<string, number> {
    const tally = this.#steps.get(step)
    this.#steps.delete(step)
    if (tally === undefined) return {}
    return {
      'rollouts/judged': tally.judged,
      'rollouts/masked': tally.masked,
      'rollouts/counted': tally.counted,
      ...(tally.whole > 0 && { 'rollouts/solved': tally.solved / tally.whole }),
    }
  }
}
