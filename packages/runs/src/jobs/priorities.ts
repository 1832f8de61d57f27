import { counts, deriveUniform, isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'

/** Weight of the newest step in what a sub-task's solved share lately is; one of five steps ago still has a sixth. */
const NEWEST = 0.3

/** Share of a mastered sub-task's samples that are drawn all the same: what is forgotten is seen. */
const LEAST = 0.1

const PREFIX = 'solved_lately/'

/**
 * Which samples a walk over the data passes over, after prioritized sampling (Kimi k1.5, arXiv 2501.12599, section 2.3.4: problems are drawn in
 * proportion to 1 minus their success rate). There each problem has a rate of its own. Here a sub-task has one, since in one or two passes
 * a sample's own rate is known too late; samples without a sub-task share that of their category.
 */
export class Priorities {
  readonly #seed: number
  readonly #rates = new Map<string, number>()

  /** @param metrics those of the last step, of a run that is continued */
  constructor(seed: number, metrics: Readonly<Record<string, number>> = {}) {
    this.#seed = seed
    for (const [name, value] of Object.entries(metrics)) {
      if (name.startsWith(PREFIX)) this.#rates.set(name.slice(PREFIX.length), value)
    }
  }

  /**
   * Learns from the rollouts of a step. What was masked says nothing; a plan that was asked for one half of the checklist, as in divided
   * groups, is solved where that half is: the whole is asked of nobody there, and a rate of the halves still tells easy from hard.
   */
  observe(rollouts: readonly Rollout[], samples: ReadonlyMap<string, Sample>): void {
    const found = new Map<string, { solved: number; counted: number }>()
    for (const rollout of rollouts) {
      const sample = samples.get(rollout.sampleId)
      if (sample === undefined || !counts(rollout.outcome)) continue
      const { asked } = rollout
      const items =
        asked === undefined ? sample.checklist : sample.checklist.filter(({ scope }) => asked.includes(scope))
      if (asked !== undefined && items.length === 0) continue
      const task = taskOf(sample)
      const { solved, counted } = found.get(task) ?? { solved: 0, counted: 0 }
      found.set(task, { solved: solved + (isSolved(rollout, items) ? 1 : 0), counted: counted + 1 })
    }
    for (const [task, { solved, counted }] of found) {
      const share = solved / counted
      const before = this.#rates.get(task) ?? share
      this.#rates.set(task, before + NEWEST * (share - before))
    }
  }

  /** @param position of the sample in the walk: the same one is always answered alike while nothing new is known */
  passesOver(sample: Sample, position: number): boolean {
    const rate = this.#rates.get(taskOf(sample)) ?? 0
    return deriveUniform('priority', this.#seed, position) < rate * (1 - LEAST)
  }

  /** `solved_lately/<sub-task>`, from 0 to 1: all that a continued run needs to know. */
  metrics(): Record<string, number> {
    return Object.fromEntries([...this.#rates].map(([task, rate]) => [`${PREFIX}${task}`, rate]))
  }
}

function taskOf({ category, subtask }: Sample): string {
  return subtask === undefined ? category : `${category}/${subtask}`
}
