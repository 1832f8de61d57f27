import { API_VERSION, definePlugin, EXTERNAL_TRAINER } from '@dda-thinker/plugin-api'
import { settleOptions } from '@dda-thinker/ppo-options'
import { verlOptions } from './options.ts'
import { VerlTrainer } from './verl-trainer.ts'
import { verlRules } from './verl-rules.ts'

export { submitRayJob, type RayOptions } from './launch/ray-job.ts'
export type { JobState, VerlJob, VerlLaunch } from './launch/verl-job.ts'
export { verlOptions, type VerlOptions } from './options.ts'
export { type VerlPlaces, verlConfig } from './verl-config.ts'
export { VerlTrainer } from './verl-trainer.ts'

export default definePlugin({
  name: 'trainer-verl',
  apiVersion: API_VERSION,
  options: verlOptions,
  settle: (options, layerOf) => settleOptions(options, verlRules(options), layerOf),
  setup(api, options) {
    api.provide(EXTERNAL_TRAINER, () => new VerlTrainer(options, (path) => api.resolvePath(path)))
  },
})
