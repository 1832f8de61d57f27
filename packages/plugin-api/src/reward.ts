import type { Scope } from './sample.ts'

/** What one checklist item brought. */
export interface ItemContribution {
  /** The id of the {@link ChecklistItem}. */
  readonly itemId: string
  /** The scope of the {@link ChecklistItem}. */
  readonly scope: Scope
  /** As {@link passed} says. */
  readonly passed: boolean
  /** Its share of the total. */
  readonly contribution: number
  /** The {@link RewardStream} that the share belongs to. Absent: the one of the item's scope. */
  readonly stream?: string
  /**
   * Where in `Plan.text` (exclusive end, UTF-16 code units) the share is credited. Absent: at the end of the plan.
   * Trainers that place rewards on tokens honour it; the total is the same either way.
   */
  readonly creditAt?: number
}

/** The reward of one rollout. `total` is the sum of `contribution` over items and of `extras`, within {@link REWARD_TOLERANCE}. */
export interface Reward {
  /** What the update sees. */
  readonly total: number
  /** Named components, unweighted, for example `cognitive`, `visual`, `format`: each in [0, 1]. */
  readonly components: Readonly<Record<string, number>>
  /** One an item that was asked, in the order of the checklist. */
  readonly items: readonly ItemContribution[]
  /** Weighted shares that belong to no item, for example `format`; credited at the end of the plan. */
  readonly extras: Readonly<Record<string, number>>
}
