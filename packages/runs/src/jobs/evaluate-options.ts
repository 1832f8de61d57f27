import type { Edit, Plan, Sample, Slot, Thinker } from '@dda-thinker/plugin-api'
import type { EvalSummary, Listed } from '@dda-thinker/evaluation'
import type { BudgetEnd } from './budget-end.ts'
import type { RunOptions } from './run-options.ts'

export interface EvalThinker {
  /** Unique in the evaluation: `none`, `base`, `trained`. */
  readonly name: string
  /** A function is called after `prepare`. */
  readonly thinker: Thinker | (() => Thinker)
  /** The slots that it plans by, which are opened for it: those of the policy, the Thinker's, or none. */
  readonly needs: readonly Slot<unknown>[]
  /** The training run and the step that its weights are of. */
  readonly from?: { readonly run: string; readonly step: number }
  /** Called just before its turn, when the roles are open: loads a checkpoint, say. */
  prepare?(): Promise<void>
  /** Where it gives the plans of a record again: these, by sample. The record may have got more of them since the evaluation began. */
  readonly plans?: Pick<ReadonlyMap<string, Plan>, 'get'>
  /** Edits that were made before, by rollout id (`eval/<name>/<sample>/0`); the Editor is not asked then. */
  readonly edits?: Pick<ReadonlyMap<string, Edit>, 'get' | 'has'>
}

/** Where an evaluation takes plans, or plans and edits, from. */
export interface RecordedSource {
  readonly what: 'plans' | 'edits'
  /** `<run>` or `<run>/<thinker>`. */
  readonly of: string
  /** Of edits: fingerprint of the Editor that made them. */
  readonly editor?: string
}

export interface EvaluateOptions extends RunOptions {
  /** Evaluated one after the other on the same samples with the same Editor seeds. */
  readonly thinkers: readonly EvalThinker[]
  readonly samples: Listed<Sample>
  /** Set where nothing is planned; with edits the Editor stays closed. */
  readonly recorded?: RecordedSource
  /** A benchmark's plans and edits are recorded under its own name: nothing judges them here. Default `evaluate`. */
  readonly task?: 'evaluate' | 'benchmark'
  /** The checklists are not those of the project's data, so the record keeps them. Default false. */
  readonly ownChecklists?: boolean
}

export interface EvalResult {
  readonly state: 'finished' | 'interrupted'
  readonly runDir: string
  /** Of an interrupted evaluation that may spend no more. */
  readonly budget?: BudgetEnd
  /** By name; of an interrupted evaluation as far as it came. */
  readonly thinkers: Readonly<Record<string, EvalSummary>>
}
