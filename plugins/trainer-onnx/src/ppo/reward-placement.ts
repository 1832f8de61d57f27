import { DdaError, type Reward } from '@dda-thinker/plugin-api'

/**
 * Puts a rollout's reward on its tokens: each item's contribution on the token that writes the character before
 * `creditAt`, everything else on the last token. The sum over tokens is the reward's total.
 * @param ends exclusive end of each token in the plan text, ascending (`Plan.tokens.ends`); at least one.
 * @throws DdaError `DDA_REWARD_NOT_FINITE` naming the sample.
 */
export function placeReward(reward: Reward, ends: readonly number[], sampleId: string): Float64Array {
  const placed = new Float64Array(ends.length)
  const last = ends.length - 1
  const add = (token: number, share: number, name: string): void => {
    if (!Number.isFinite(share)) throw notFinite(sampleId, name, share)
    placed[token] = (placed[token] as number) + share
  }
  if (!Number.isFinite(reward.total)) throw notFinite(sampleId, 'total', reward.total)
  for (const item of reward.items) {
    add(item.creditAt === undefined ? last : tokenAt(ends, item.creditAt), item.contribution, `item ${item.itemId}`)
  }
  for (const [name, share] of Object.entries(reward.extras)) add(last, share, name)
  // What a decomposition gave to no item and no extra still belongs to the total.
  const rest = reward.total - placed.reduce((sum, share) => sum + share, 0)
  if (Math.abs(rest) > 1e-9) add(last, rest, 'total')
  return placed
}

/**
 * Scores with the KL penalty taken off token by token (Stiennon et al. 2020): their sum is score − β·Σkl.
 * @param coefficient β, ≥ 0.
 */
export function klInReward(scores: ArrayLike<number>, kl: ArrayLike<number>, coefficient: number): Float64Array {
  return Float64Array.from(scores, (score, i) => score - coefficient * (kl[i] as number))
}

/** First token whose end reaches the offset; the last one for offsets behind the text. */
function tokenAt(ends: readonly number[], offset: number): number {
  const found = ends.findIndex((end) => end >= offset)
  return found === -1 ? ends.length - 1 : found
}

function notFinite(sampleId: string, name: string, value: number): DdaError {
  return new DdaError('DDA_REWARD_NOT_FINITE', `the reward of sample ${sampleId} is ${value} (${name})`, {
    sampleId,
    stage: 'update',
    next: 'Make the reward plugin throw a DdaError where it has no number to give; the rollout is then masked.',
  })
}
