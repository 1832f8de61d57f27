import type { TrainerCapabilities } from '@dda-thinker/plugin-api'

/** What the trainer can do. */
export const SUPPORTS: TrainerCapabilities = {
  estimators: ['gae', 'grpo', 'rloo', 'reinforce++'],
  critic: true,
  groupCentre: ['plan', 'prefix'],
  streams: ['normalized', 'split'],
  images: true,
  lora: true,
  klPlace: ['reward', 'loss'],
  lossAggregation: ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
}
