import { assess, type ChecklistItem, counts, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import { order } from './by-key.ts'
import { subtaskOf } from './evaluation.ts'
import { type Listed, Lookup } from './listed.ts'

/** How often each item of a sub-task failed among the rollouts that count. */
export interface ItemFailures {
  readonly subtask: string
  readonly itemId: string
  readonly scope: ChecklistItem['scope']
  /** Of the first sample met. */
  readonly example: string
  readonly asked: number
  readonly failed: number
}

/** Adds up failed items of rollouts; its memory grows with sub-tasks and the items of each. */
export class ItemFailureTally {
  readonly #table = new Map<string, { row: Omit<ItemFailures, 'asked' | 'failed'>; asked: number; failed: number }>()

  add({ outcome, verdicts }: Rollout, sample: Sample): void {
    if (!counts(outcome)) return
    const subtask = subtaskOf(sample)
    for (const { item, passed } of assess(sample.checklist, verdicts)) {
      if (passed === undefined) continue
      const key = JSON.stringify([subtask, item.scope, item.id])
      const row = { subtask, itemId: item.id, scope: item.scope, example: item.question }
      const entry = this.#table.get(key) ?? { row, asked: 0, failed: 0 }
      entry.asked += 1
      if (!passed) entry.failed += 1
      this.#table.set(key, entry)
    }
  }

  /** By sub-task and item id, most often failed first. */
  list(): readonly ItemFailures[] {
    return [...this.#table.values()]
      .map(({ row, asked, failed }) => ({ ...row, asked, failed }))
      .toSorted((x, y) => y.failed - x.failed || y.failed / y.asked - x.failed / x.asked || order(x.subtask, y.subtask))
  }
}

/** Items grouped by sub-task and item id, most often failed first. */
export function itemFailures(rollouts: Listed<Rollout>, samples: Listed<Sample>): readonly ItemFailures[] {
  const lookup = new Lookup(samples, ({ id }) => id)
  const tally = new ItemFailureTally()
  for (const rollout of rollouts) {
    const sample = counts(rollout.outcome) ? lookup.get(rollout.sampleId) : undefined
    if (sample !== undefined) tally.add(rollout, sample)
  }
  return tally.list()
}
