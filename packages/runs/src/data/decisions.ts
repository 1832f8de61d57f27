import type { CurationDecision, Difficulty, ItemFinding, Split } from '@dda-thinker/plugin-api'

/** A line of `decisions.jsonl`. */
export interface DecisionLine {
  readonly sampleId: string
  readonly split: Split
  readonly kept: boolean
  readonly reason: string
  /** Name of the plugin that decided. Absent where there is no curator. */
  readonly curator?: string
  readonly difficulty?: Difficulty
  readonly findings?: readonly ItemFinding[]
}

export function decisionLine({ sample, kept, reason, curator, findings }: CurationDecision): DecisionLine {
  const { id, split, difficulty } = sample
  return {
    sampleId: id,
    split,
    kept,
    reason,
    ...(curator === undefined ? {} : { curator }),
    ...(difficulty === undefined ? {} : { difficulty }),
    ...(findings === undefined ? {} : { findings }),
  }
}
