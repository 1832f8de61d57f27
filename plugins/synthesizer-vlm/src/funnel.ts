import type { ChecklistItem, SynthesisContext } from '@dda-thinker/plugin-api'
import type { DroppedItem } from './draft-items.ts'
import { Dropped } from './reasons.ts'

/** Counts what was proposed, what was kept, and what was dropped for which reason; every drop goes on the record. */
export class Funnel {
  readonly #context: SynthesisContext
  readonly #dropped = new Map<string, number>()
  #tasks = { proposed: 0, kept: 0 }
  #items = { proposed: 0, kept: 0, no: 0, preservation: 0 }

  constructor(context: SynthesisContext) {
    this.#context = context
  }

  /** A picture that is looked at, or a task that is asked for. */
  begin(): void {
    this.#tasks.proposed += 1
  }

  keep(checklist: readonly ChecklistItem[]): void {
    this.#tasks.kept += 1
    this.#items.kept += checklist.length
    this.#items.no += checklist.filter(({ expected }) => expected === 'no').length
    this.#items.preservation += checklist.filter(({ aspect }) => aspect === 'preservation').length
  }

  /** @throws what is no {@link Dropped} */
  async drop(where: string, error: unknown): Promise<void> {
    if (!(error instanceof Dropped)) throw error
    await this.#record(where, error.reason, error.message)
  }

  async dropItems(where: string, proposed: number, dropped: readonly DroppedItem[]): Promise<void> {
    this.#items.proposed += proposed
    for (const { reason, question } of dropped) await this.#record(where, reason, question)
  }

  /** Lines for people: tasks and items, each with what became of them. */
  summary(): readonly string[] {
    const { proposed, kept } = this.#tasks
    const { proposed: items, kept: whole, no, preservation } = this.#items
    const reasons = [...this.#dropped].toSorted(([, a], [, b]) => b - a)
    return [
      `${proposed} pictures and tasks tried, ${kept} samples made`,
      `${items} checklist items proposed, ${whole} in samples (${no} expect no, ${preservation} of preservation)`,
      ...reasons.map(([reason, count]) => `  ${count}: ${reason}`),
    ]
  }

  async #record(where: string, reason: string, detail: string): Promise<void> {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1)
    const row = { where, reason, ...(detail === '' ? {} : { detail: detail.slice(0, 500) }) }
    if (this.#context.setAside === undefined) this.#context.log.debug(`${where}: ${reason}. ${detail}`)
    else await this.#context.setAside(row)
  }
}
