import type { Clause, SceneObject } from '@dda-thinker/tabletop-world'
import type { Wording } from '../instructions/wording.ts'
import type { Dice } from './dice.ts'
import type { Part } from './split.ts'

export type CategoryName = 'temporal' | 'causal' | 'spatial' | 'logical'

/** One task of a sub-task: a scene, what should be done to it, and why. */
export interface Task {
  readonly objects: readonly SceneObject[]
  /** The edits that solve it, in order. Only checklists, references and tests are made from it. */
  readonly solution: readonly Clause[]
  /** Fills of the slots of the sub-task's wording. */
  readonly slots: Readonly<Record<string, string>>
  /** The rule's reason in words: the first sentence of the reference description. */
  readonly because: string
  /** Object × rule combinations it uses, as {@link SubTask.combinations} names them; none for one-off mappings. */
  readonly combinations: readonly string[]
}

export interface SubTask {
  /** Unique, kebab-case. */
  readonly id: string
  readonly category: CategoryName
  readonly wording: Wording
  /** All object × rule combinations of the part that generalises, by the name of the rule they belong to. */
  readonly combinations: Readonly<Record<string, readonly string[]>>
  /** One-off mappings of one kind to another that it uses. */
  readonly becomes?: readonly (readonly [from: string, to: string])[]
  /** A task of that part, or `undefined` where the dice did not make a proper scene. */
  make(dice: Dice, part: Part): Task | undefined
}
