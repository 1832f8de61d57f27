/**
 * What the loss graph reports of a micro-batch, in this order. The losses, `entropy` and `kl` are weighted like the loss;
 * `valueLoss` and `valueClipFraction` are weighted by the critic's weights;
 * the others are shares of the mini-batch's tokens, so they add up over micro-batches. `ratioMax` is a maximum.
 */
export const PPO_STATS = [
  'policyLoss',
  'valueLoss',
  'entropy',
  'kl',
  'clipFraction',
  'lowerClipFraction',
  'valueClipFraction',
  'approxKl',
  'ratioMean',
  'ratioMax',
] as const

export type PpoStat = (typeof PPO_STATS)[number]
