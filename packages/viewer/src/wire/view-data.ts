import type { Agreement, EvaluationComparison, HumanAgreement, PeopleAgreement } from '@dda-thinker/evaluation'
import type { Rollout, Sample, Scope, Verdict } from '@dda-thinker/plugin-api'
import type { Annotation, Funnel, RewardShare } from '@dda-thinker/runs'

/** What the list of runs knows of one. */
export interface RunHead {
  readonly name: string
  /** Another for every run, whatever project it is of and however often its name was taken. */
  readonly id: string
  readonly task: string
  readonly state: string
  /** A process works on it now. */
  readonly live: boolean
  /** ISO 8601. */
  readonly created: string
  readonly seed: number
  readonly step: number
  readonly steps: number
  readonly error?: { readonly code: string; readonly message: string; readonly next?: string }
  /** Fingerprints. */
  readonly editor?: string
  readonly trainer?: string
  readonly reward?: string
  readonly judges: readonly string[]
  /** Of an evaluation: Thinker → what it is of. */
  readonly evaluated: Readonly<Record<string, { readonly run: string; readonly step: number }>>
  /** Of a finished evaluation, by Thinker. */
  readonly scores: Readonly<Record<string, ArmScore>>
}

export interface ArmScore {
  readonly counted: number
  /** Share, with its interval; absent where nothing could be measured. */
  readonly solved?: number
  readonly low?: number
  readonly high?: number
}

/** What the page begins with. */
export interface ViewHead {
  readonly project: string
  readonly runs: readonly RunHead[]
  /** Level of intervals. */
  readonly confidence: number
  /** Of an export: comparisons that are in it, as `a b` of `run/thinker`. Absent where a server answers. */
  readonly comparisons?: readonly string[]
}

/** How the plan of a rollout compared with the others of its step. */
export interface RowAdvantage {
  readonly combined: number
  /** Each stream before weighting, and what the plan earned in it; `null`: not asked. */
  readonly streams: readonly { readonly name: string; readonly own: number | null; readonly advantage: number }[]
  readonly estimator: string
  readonly mode: string
  /** A trainer with a critic compares with its values, which no record holds. */
  readonly withoutCritic: boolean
}

/** One rollout in full. */
export interface RolloutDetail {
  readonly row: number
  readonly step: number
  readonly thinker?: string
  readonly tokens?: number
  readonly rollout: Rollout
  /** The reward as the sum that it is. */
  readonly shares: readonly RewardShare[]
  /** Of training that a group was compared in. */
  readonly advantage?: RowAdvantage
}

/** Metrics of a run, step by step. A figure that was not measured in a step is `null`. */
export interface RunMetrics {
  readonly steps: readonly number[]
  readonly series: Readonly<Record<string, readonly (number | null)[]>>
}

/** What a person says of an item of a rollout, and where in the run that is. */
export interface RowAnnotation extends Pick<Annotation, 'item' | 'by' | 'at' | 'note' | 'blind'> {
  readonly row: number
  readonly answer: Answer
}

/** What the judge of a question was shown. Files are `<hash>.<ending>`. */
export interface Sight {
  readonly instruction?: string
  readonly plan?: string
  /** In words. */
  readonly reference?: string
  readonly referenceImage?: string
  /** Of a question about the edit. */
  readonly source?: readonly string[]
  readonly edit?: string
}

/** A question as it was put to a judge. */
export interface BlindQuestion {
  readonly id: string
  readonly scope: Scope
  readonly question: string
  readonly shown: Sight
}

/** What a person is shown of a rollout who has not answered all of it: what its judges were shown, and nothing that anybody said. */
export interface BlindRollout {
  readonly row: number
  /** Id. */
  readonly rollout: string
  /** Those about the edit until all of them are answered, then those about the plan: whoever knows the plan looks at the edit with other eyes. */
  readonly questions: readonly BlindQuestion[]
  /** How many come when these are answered. */
  readonly later: number
  /** What others say, once the person has answered all of it. */
  readonly others?: readonly RowAnnotation[]
}

/** Answers of one person to items of one rollout. */
export interface NewAnswers extends Pick<Annotation, 'by' | 'blind'> {
  readonly row: number
  /** Id of the rollout that the page shows in this row. */
  readonly rollout: string
  /** `null` takes an answer back. */
  readonly answers: readonly (Pick<Annotation, 'item' | 'note'> & { readonly answer: Answer | null })[]
}

export type Answer = Verdict['answer']

/** How far judges agree with people, and people with each other. */
export interface RunAgreement {
  /** `null`: nobody has answered yet. */
  readonly judges: HumanAgreement | null
  readonly people: readonly PeopleAgreement[]
  /** Level of intervals. */
  readonly confidence: number
}

export type { Agreement, EvaluationComparison, Funnel, Rollout, Sample }
