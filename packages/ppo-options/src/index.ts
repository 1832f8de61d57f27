// The vocabulary of PPO that trainers share: options, their defaults, and what is refused.
export { checkTrainerOptions, settleTrainerOptions, type TrainerRules } from './check-options.ts'
export { checkTrainingSettings } from './check-settings.ts'
export {
  ignoredOptions,
  settleOptions,
  type IgnoredOptions,
  type IgnoredRules,
  type OptionProblem,
} from './settle-options.ts'
export { completePpo, ppoOptions, type KlPlace, type PpoDefaults, type PpoOptions } from './ppo-options.ts'
export { updateStreams, valueStreams, wantedStreams, type BatchStreams } from './streams.ts'
export { choice, closed, flag, group, integer, number, orNull, schedule } from './schema.ts'
