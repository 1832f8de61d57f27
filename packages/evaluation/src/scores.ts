import { isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import { wilson } from './statistics/interval.ts'
import { type FailureCounts, FailureTally } from './failure-attribution.ts'
import { type FailureCause, FailureCauses } from './failure-causes.ts'

/** How many samples were solved. Masked ones are counted and left out of every rate; a rate of nothing is absent. */
export interface EvalScore {
  readonly samples: number
  /** Scored and gated together: what the rates are over. */
  readonly counted: number
  readonly scored: number
  readonly gated: number
  readonly masked: number
  /** Fraction of the counted with every item passed. */
  readonly solved?: number
  /** Wilson interval of `solved` at `eval.confidence`. */
  readonly low?: number
  readonly high?: number
  /** Mean total reward; absent where nothing was rewarded. */
  readonly reward?: number
}

export interface EvalSummary extends EvalScore {
  readonly byCategory: Readonly<Record<string, EvalScore>>
  readonly bySubtask: Readonly<Record<string, EvalScore>>
  readonly maskedByKind: Readonly<Record<string, number>>
  /** Why the masked ones are. */
  readonly causes: readonly FailureCause[]
  /** Counted of all; absent where there is none. */
  readonly coverage?: number
  /** Where the unsolved ones went wrong. */
  readonly failures: FailureCounts
}

interface Tally {
  scored: number
  gated: number
  masked: number
  solved: number
  reward: number
  /** That have a reward. */
  rewarded: number
}

/** Adds up rollouts one by one; its memory does not grow with their number. */
export class Scoreboard {
  readonly #total: Tally = emptyTally()
  readonly #categories = new Map<string, Tally>()
  readonly #subtasks = new Map<string, Tally>()
  readonly #kinds = new Map<string, number>()
  readonly #failures = new FailureTally()
  readonly #causes = new FailureCauses()

  add(rollout: Rollout, sample: Sample): void {
    this.#failures.add(rollout, sample)
    this.#causes.add(rollout)
    const tallies = [this.#total, entry(this.#categories, sample.category)]
    if (sample.subtask !== undefined) tallies.push(entry(this.#subtasks, sample.subtask))
    if (rollout.outcome.kind === 'masked') {
      const { kind } = rollout.outcome.failure
      this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1)
      for (const tally of tallies) tally.masked += 1
      return
    }
    const solved = isSolved(rollout, sample.checklist) ? 1 : 0
    for (const tally of tallies) {
      tally[rollout.outcome.kind] += 1
      tally.solved += solved
      if (rollout.reward === undefined) continue
      tally.reward += rollout.reward.total
      tally.rewarded += 1
    }
  }

  summary(confidence: number): EvalSummary {
    const all = score(this.#total, confidence)
    const each = (tallies: ReadonlyMap<string, Tally>) =>
      Object.fromEntries([...tallies].toSorted(byName).map(([name, tally]) => [name, score(tally, confidence)]))
    return {
      ...all,
      byCategory: each(this.#categories),
      bySubtask: each(this.#subtasks),
      ...(all.samples === 0 ? {} : { coverage: all.counted / all.samples }),
      failures: this.#failures.counts(),
      maskedByKind: Object.fromEntries([...this.#kinds].toSorted(byName)),
      causes: this.#causes.list(),
    }
  }
}

function score(tally: Tally, confidence: number): EvalScore {
  const { scored, gated, masked, solved, reward, rewarded } = tally
  const counted = scored + gated
  const found = { samples: counted + masked, counted, scored, gated, masked }
  const { value, low, high } = wilson(solved, counted, confidence)
  if (value === undefined || low === undefined || high === undefined) return found
  return { ...found, solved: value, low, high, ...(rewarded > 0 && { reward: reward / rewarded }) }
}

function emptyTally(): Tally {
  return { scored: 0, gated: 0, masked: 0, solved: 0, reward: 0, rewarded: 0 }
}

function entry(tallies: Map<string, Tally>, name: string): Tally {
  const found = tallies.get(name) ?? emptyTally()
  tallies.set(name, found)
  return found
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1
}
