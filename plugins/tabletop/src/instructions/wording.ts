/**
 * The sentences a sub-task is asked in. `{a}`, `{b}` stand for objects, `{side}` for left or right, `{category}` for the
 * plural of a category word; each is filled by the rule. Train and held-out sentences are never the same.
 */
export interface Wording {
  readonly train: readonly string[]
  readonly heldOut: readonly string[]
  /**
   * Words that tell this sub-task from all others: no other sub-task and no literal instruction uses them, and every
   * sentence, held-out ones too, has at least one.
   */
  readonly cues: readonly string[]
}
