import type { Plan } from './plan.ts'
import type { Reward } from './reward.ts'
import type { RewardStream } from './reward-streams.ts'
import type { ChecklistItem, Scope } from './sample.ts'
import type { Verdict } from './verdict.ts'

/** What a reward is made of. */
export interface DecompositionInput {
  /** The plan, whose format may count. */
  readonly plan: Plan
  /** All items of the sample, asked or not. */
  readonly checklist: readonly ChecklistItem[]
  /** One verdict for every item that was asked; a gated rollout has no visual ones. */
  readonly verdicts: readonly Verdict[]
  /** The halves of the checklist that count for this rollout, `Rollout.asked`. Absent: both. */
  readonly asked?: readonly Scope[]
}

/** Plan + verdicts → reward: pure, synchronous, deterministic. */
export interface RewardDecomposition {
  /** Everything that changes its numbers: weights, gates. */
  readonly fingerprint: string
  /**
   * The parts of the reward, where each share is of one of them and depends on nothing but its own `scopes`. Absent: it cannot be
   * taken apart, and a trainer that wants streams is refused. A decomposition with streams heeds `asked`.
   */
  readonly streams?: readonly RewardStream[]
  /**
   * `false`: no number of it depends on the visual half of the checklist, whatever its verdicts; training then asks for plans alone and
   * buys no edit. It heeds `asked`. Absent: `true`.
   */
  readonly needsEdit?: boolean
  /** Called for every rollout that is not masked. */
  decompose(input: DecompositionInput): Reward
}
