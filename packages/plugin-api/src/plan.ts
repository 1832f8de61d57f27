/** The tokens of a plan as the policy sampled them; present where a trainer made the plan. All arrays have length T. */
export interface TokenTrace {
  /** The tokenizer's numbers, without those of the prompt. */
  readonly ids: readonly number[]
  /** log π(token | prefix) at the sampling temperature, in nats. */
  readonly logProbs: readonly number[]
  /**
   * Temperature that the plan was sampled at; 0: greedy, with the log-probs of temperature 1. Trainers score at it, and refuse a
   * trace that does not tell it: scored at another temperature, the ratio of an unchanged policy is not 1.
   */
  readonly temperature?: number
  /** The critic's value before each token. */
  readonly values?: readonly number[]
  /** Exclusive end of each token in `Plan.text`, in UTF-16 code units, ascending. */
  readonly ends: readonly number[]
}

/**
 * What a Thinker's strict parser says of the shape of a plan. `by: 'editor'`: the engine says it, of a plan that is longer than
 * the run's Editor reads; before another Editor it may be sound.
 */
export type FormatVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: string; readonly by?: 'editor' }

/** The Thinker's output for one sample. */
export interface Plan {
  /** Unique in a run: the id of its {@link PlanRequest}. */
  readonly id: string
  /** The id of the {@link Sample}. */
  readonly sampleId: string
  /** Everything the Thinker wrote. */
  readonly text: string
  /** The part that explains; never shown to the Editor or a judge. */
  readonly reasoning: string
  /** The part the Editor is told and the cognitive judge is asked about. A substring of `text`. */
  readonly executable: string
  /** Has it the shape that the Thinker was asked for? */
  readonly format: FormatVerdict
  /** Fingerprint of the Thinker. */
  readonly thinker: string
  /** Updates the policy had seen; 0 for a frozen Thinker. */
  readonly policyVersion: number
  /** What the plan was sampled with. */
  readonly seed: number
  /** For trainers; absent of a Thinker that is not trained. */
  readonly tokens?: TokenTrace
}
