import type { Rollout, Sample } from '@dda-thinker/plugin-api'
import type { FailureCause, Listed, RunSpending } from '@dda-thinker/evaluation'

/** One Thinker evaluated on the samples of a report. */
export interface ReportArm {
  /** `none` (the raw instruction sent to the Editor), `base`, `trained`, or any other name. */
  readonly id: string
  /** For people. */
  readonly label: string
  /** Fingerprint of the Thinker. */
  readonly thinker: string
  /** Fingerprint of the Editor it was evaluated under. */
  readonly editor: string
  /** One rollout a sample. */
  readonly rollouts: Listed<Rollout>
}

/** What one training step left behind, for the curves. Every mean is over scored rollouts; masked ones are in none. */
export interface ReportStep {
  readonly step: number
  readonly scored: number
  readonly masked: number
  readonly gated: number
  /** Mean total reward. */
  readonly reward?: number
  /** Mean of each named component, in [0, 1]. */
  readonly components: Readonly<Record<string, number>>
  /** Fraction of rollouts with every item passed. */
  readonly solved?: number
  /** The same by category. */
  readonly solvedByCategory: Readonly<Record<string, number>>
  /** The trainer's own metrics, by its names. */
  readonly metrics: Readonly<Record<string, number>>
}

/** The books of a run behind a report. */
export interface ReportSpending extends RunSpending {
  /** Its name. */
  readonly run: string
  /** What it was for, for people: `Training`, `Evaluation`. */
  readonly task: string
}

/** What one Thinker came to in one evaluation. */
export interface ReportEvaluation {
  readonly run: string
  readonly seed: number
  /** For people. */
  readonly thinker: string
  /** Fingerprint. */
  readonly editor: string
  /** Rollouts that count. */
  readonly counted: number
  /** Share of them, with the interval of the record; absent where nothing could be measured. */
  readonly solved?: number
  readonly low?: number
  readonly high?: number
}

/** Everything a report shows. Rendering reads nothing else, pictures excepted. */
export interface ReportInput {
  /** Name of the project. */
  readonly project: string
  /** Id of the training run. */
  readonly run: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly seed: number
  readonly split: string
  /** Level of every interval, for example 0.95. */
  readonly confidence: number
  /** The samples evaluated. */
  readonly samples: Listed<Sample>
  readonly arms: readonly ReportArm[]
  /** This evaluation and the others that the report was asked for: other Editors, other seeds. */
  readonly evaluations: readonly ReportEvaluation[]
  readonly steps: readonly ReportStep[]
  /** Wall-clock seconds; `setup` is what went before training (data included). Absent: not measured. */
  readonly seconds: { readonly setup?: number; readonly train?: number; readonly total?: number }
  /** Why rollouts are masked, by label of the arm, or `Training`. */
  readonly causes: Readonly<Record<string, readonly FailureCause[]>>
  /** What the runs spent, by stage and endpoint. A run without rows has kept no books and is left out. */
  readonly spending: readonly ReportSpending[]
  /** Rows of "how it was run": versions, counts, fingerprints. */
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** The resolved config, as YAML. */
  readonly config: string
  /** Further honest notes, one sentence each. */
  readonly notes: readonly string[]
}
