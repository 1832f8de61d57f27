import type { ImageRef } from './image.ts'

/** What a checklist item is asked of: the plan (`cognitive`) or the edited image (`visual`). */
export type Scope = 'cognitive' | 'visual'

export const SCOPES: readonly Scope[] = ['cognitive', 'visual']

/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * How an item is measured, for judges that measure instead of reading its question. What kinds there are, and their other
 * fields, is a matter of the judge: see the page of `judge-onnx`.
 */
export interface Check {
  readonly kind: string
  readonly [parameter: string]: Json
}

/**
 * One verifiable yes/no question (DDA-Thinker, abstract: both halves of the reward are verifiable checklists).
 * An item is passed when the judge's answer equals `expected`.
 */
export interface ChecklistItem {
  /** Unique within its sample. */
  readonly id: string
  readonly scope: Scope
  readonly question: string
  readonly expected: 'yes' | 'no'
  /** Relative weight within its scope, > 0. Default 1. */
  readonly weight?: number
  /** A failed critical item sets its scope's score to 0. Default false. */
  readonly critical?: boolean
  /**
   * What the item guards: a `change` that the instruction calls for (default), or `preservation`, which an untouched image
   * passes as well. Reward decompositions may tell the two apart, so that doing nothing earns nothing.
   */
  readonly aspect?: 'change' | 'preservation'
  /**
   * A measurement that answers the question too. The question must say the same in words: a judge that knows nothing of
   * the measurement answers that.
   */
  readonly check?: Check
}

export type Split = 'train' | 'held-out'

/** Where a noun comes from, so that anything can be walked back to its origin. */
export interface Provenance {
  readonly plugin: string
  readonly seed: number
  /** Ids or hashes of what it was made from. */
  readonly parents?: readonly string[]
  /** Free facts of the maker: rule, paraphrase, layout. Never shown to Thinker, Editor or judge. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

/** Measured by curation: rollouts of one policy on the sample. */
export interface Difficulty {
  /** Rollouts tried. */
  readonly rollouts: number
  /** Mean total reward over the scored ones. */
  readonly mean: number
  /** Population standard deviation of the total reward. */
  readonly std: number
  /** Fraction with every item passed. */
  readonly solved: number
}

/** One editing task. */
export interface Sample {
  readonly id: string
  readonly images: readonly ImageRef[]
  readonly instruction: string
  /** For example `temporal`, `causal`, `spatial`, `logical`. */
  readonly category: string
  readonly subtask?: string
  /** The rational reference description: the ideal edited scene in words. The Thinker never sees it. */
  readonly reference: string
  /**
   * A picture of the ideal edited scene, as benchmarks have one. Neither Thinker nor Editor sees it, and a judge only where it
   * declares so ({@link Judge.sees}).
   */
  readonly referenceImage?: ImageRef
  readonly checklist: readonly ChecklistItem[]
  readonly split: Split
  /** A plan text to imitate in a supervised warm start (`dda train --stage sft`); reinforcement learning never reads it. */
  readonly demonstration?: string
  readonly provenance: Provenance
  readonly difficulty?: Difficulty
}
