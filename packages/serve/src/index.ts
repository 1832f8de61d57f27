// The engine over HTTP.
export { requireAddress } from '@dda-thinker/http-service'
export { createRewardService, type RewardService, type RewardServiceOptions } from './reward-service.ts'
export { Scorer, type ScorerOptions } from './scoring/scorer.ts'
export {
  type BatchRequest,
  BatchRequestSchema,
  BatchSchema,
  ErrorSchema,
  type InlineSample,
  InlineSampleSchema,
  type Job,
  JobSchema,
  type Score,
  type ScoreRequest,
  ScoreRequestSchema,
  ScoreSchema,
  type WireError,
} from './wire/score-schema.ts'
