import { completeList } from './complete-list.ts'
import type { ImageRef } from './image.ts'

/** What a checklist item is asked of: the plan (`cognitive`) or the edited image (`visual`). */
export type Scope = 'cognitive' | 'visual'

/** Every {@link Scope}, in the order in which they are judged. */
export const SCOPES = completeList<Scope>({ cognitive: true, visual: true })

/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * How an item is measured, for judges that measure instead of reading its question. What kinds there are, and their other
 * fields, is a matter of the judge: see the page of `judge-onnx`.
 */
export interface Check {
  /** What is measured. */
  readonly kind: string
  /** What the judge of this kind needs to know. */
  readonly [parameter: string]: Json
}

/**
 * One verifiable yes/no question (DDA-Thinker, abstract: both halves of the reward are verifiable checklists).
 * An item is passed when the judge's answer equals `expected`.
 */
export interface ChecklistItem {
  /** Unique within its sample. */
  readonly id: string
  /** What it is asked of. */
  readonly scope: Scope
  /** In words that need nothing but what its scope shows. */
  readonly question: string
  /** The answer that passes it. */
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

/** `train`: optimised on; `held-out`: only ever evaluated. */
export type Split = 'train' | 'held-out'

/** Every {@link Split}. */
export const SPLITS = completeList<Split>({ train: true, 'held-out': true })

/** Where a noun comes from, so that anything can be walked back to its origin. */
export interface Provenance {
  /** The maker. */
  readonly plugin: string
  /** What it was made with. */
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
  /** Unique in a project. */
  readonly id: string
  /** Source pictures, in the order in which Thinker, Editor and judges get them. */
  readonly images: readonly ImageRef[]
  /** What the user asks for, which takes reasoning to carry out. */
  readonly instruction: string
  /** For example `temporal`, `causal`, `spatial`, `logical`. */
  readonly category: string
  /** Finer than the category. */
  readonly subtask?: string
  /** The rational reference description: the ideal edited scene in words. The Thinker never sees it. */
  readonly reference: string
  /**
   * A picture of the ideal edited scene, as benchmarks have one. Neither Thinker nor Editor sees it, and a judge only where it
   * declares so ({@link Judge.sees}).
   */
  readonly referenceImage?: ImageRef
  /** Both halves, told apart by scope. Empty where a data set has none yet: it can be edited but not scored. */
  readonly checklist: readonly ChecklistItem[]
  /** What it may be used for. */
  readonly split: Split
  /** A plan text to imitate in a supervised warm start (`dda train --stage sft`); reinforcement learning never reads it. */
  readonly demonstration?: string
  /** Where it comes from. */
  readonly provenance: Provenance
  /** Absent until measured. */
  readonly difficulty?: Difficulty
}
