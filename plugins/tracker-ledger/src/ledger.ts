import {
  assess,
  isSolved,
  type CurationDecision,
  type Edit,
  type Plan,
  type Rollout,
  type Sample,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import { Counts, PassRates, type PassRate } from './counts.ts'

/** What `ledger.json` holds. */
export interface LedgerReport {
  readonly samples: {
    readonly count: number
    readonly bySplit: Counted
    readonly byCategory: Counted
    readonly bySubtask: Counted
  }
  readonly decisions: { readonly kept: number; readonly dropped: number; readonly byReason: Counted }
  readonly plans: {
    readonly count: number
    readonly malformed: number
    readonly byProblem: Counted
    readonly bySubtask: Counted
  }
  /** Edits that rollouts used; what the cache saved is in the run's timings. `money` is what they cost when they were bought. */
  readonly edits: { readonly count: number; readonly byEditor: Counted; readonly money?: number }
  readonly rollouts: {
    readonly count: number
    readonly byOutcome: Counted
    readonly maskedByKind: Counted
    /** `stage code`, with the plugin where it is known. */
    readonly maskedByCause: Counted
  }
  /** Over rollouts that count (scored or gated), and of these over the items that were asked. */
  readonly passRates: {
    readonly byCategory: Readonly<Record<string, PassRate>>
    readonly bySubtask: Readonly<Record<string, PassRate>>
    readonly byScope: Readonly<Record<string, PassRate>>
  }
  readonly updates: { readonly count: number; readonly lastStep?: number; readonly policyVersion?: number }
}

type Counted = Readonly<Record<string, number>>

/** Counts each noun of the lifecycle as it passes; its memory grows with the number of names, not of rollouts. */
export class Ledger {
  readonly #samples = { count: 0, bySplit: new Counts(), byCategory: new Counts(), bySubtask: new Counts() }
  readonly #decisions = { kept: 0, dropped: 0, byReason: new Counts() }
  readonly #plans = { count: 0, malformed: 0, byProblem: new Counts(), bySubtask: new Counts() }
  readonly #edits = { count: 0, byEditor: new Counts(), money: undefined as number | undefined }
  readonly #rollouts = { count: 0, byOutcome: new Counts(), byKind: new Counts(), byCause: new Counts() }
  readonly #rates = { byCategory: new PassRates(), bySubtask: new PassRates(), byScope: new PassRates() }
  readonly #updates = { count: 0, last: undefined as UpdateReport | undefined }

  get isEmpty(): boolean {
    const { count: samples } = this.#samples
    const { kept, dropped } = this.#decisions
    return samples + kept + dropped + this.#plans.count + this.#rollouts.count + this.#updates.count === 0
  }

  synthesized({ split, category, subtask }: Sample): void {
    this.#samples.count += 1
    this.#samples.bySplit.add(split)
    this.#samples.byCategory.add(category)
    if (subtask !== undefined) this.#samples.bySubtask.add(subtask)
  }

  curated({ kept, reason }: CurationDecision): void {
    this.#decisions[kept ? 'kept' : 'dropped'] += 1
    this.#decisions.byReason.add(reason)
  }

  planned({ format }: Plan, { subtask, category }: Sample): void {
    this.#plans.count += 1
    this.#plans.bySubtask.add(subtask ?? category)
    if (format.ok) return
    this.#plans.malformed += 1
    this.#plans.byProblem.add(format.problem)
  }

  edited({ editor, cost }: Edit): void {
    this.#edits.count += 1
    this.#edits.byEditor.add(editor)
    if (cost?.money !== undefined) this.#edits.money = (this.#edits.money ?? 0) + cost.money
  }

  judged(rollout: Rollout, { category, subtask, checklist }: Sample): void {
    const { outcome, verdicts } = rollout
    this.#rollouts.count += 1
    this.#rollouts.byOutcome.add(outcome.kind)
    if (outcome.kind === 'masked') {
      const { kind, stage, code, plugin } = outcome.failure
      this.#rollouts.byKind.add(kind)
      this.#rollouts.byCause.add(plugin === undefined ? `${stage} ${code}` : `${stage} ${code} (${plugin})`)
      return
    }
    const asked = assess(checklist, verdicts).filter(({ passed }) => passed !== undefined)
    // Of a member that was asked for a part, nobody knows whether it is solved.
    if (rollout.asked === undefined) {
      const solved = isSolved(rollout, checklist)
      this.#rates.byCategory.add(category, asked, solved)
      if (subtask !== undefined) this.#rates.bySubtask.add(subtask, asked, solved)
    }
    // A scope that was not asked, the visual one of a gated rollout, neither passed nor failed.
    for (const scope of new Set(asked.map(({ item }) => item.scope))) {
      const inScope = asked.filter(({ item }) => item.scope === scope)
      this.#rates.byScope.add(
        scope,
        inScope,
        inScope.every(({ passed }) => passed === true),
      )
    }
  }

  updated(report: UpdateReport): void {
    this.#updates.count += 1
    this.#updates.last = report
  }

  report(): LedgerReport {
    const { last } = this.#updates
    const { money } = this.#edits
    return {
      samples: {
        count: this.#samples.count,
        bySplit: this.#samples.bySplit.all(),
        byCategory: this.#samples.byCategory.all(),
        bySubtask: this.#samples.bySubtask.all(),
      },
      decisions: {
        kept: this.#decisions.kept,
        dropped: this.#decisions.dropped,
        byReason: this.#decisions.byReason.all(),
      },
      plans: {
        count: this.#plans.count,
        malformed: this.#plans.malformed,
        byProblem: this.#plans.byProblem.all(),
        bySubtask: this.#plans.bySubtask.all(),
      },
      edits: {
        count: this.#edits.count,
        byEditor: this.#edits.byEditor.all(),
        ...(money === undefined ? {} : { money }),
      },
      rollouts: {
        count: this.#rollouts.count,
        byOutcome: this.#rollouts.byOutcome.all(),
        maskedByKind: this.#rollouts.byKind.all(),
        maskedByCause: this.#rollouts.byCause.all(),
      },
      passRates: {
        byCategory: this.#rates.byCategory.all(),
        bySubtask: this.#rates.bySubtask.all(),
        byScope: this.#rates.byScope.all(),
      },
      updates: {
        count: this.#updates.count,
        ...(last === undefined ? {} : { lastStep: last.step, policyVersion: last.policyVersion }),
      },
    }
  }
}
