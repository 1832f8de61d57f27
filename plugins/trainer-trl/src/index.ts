import { API_VERSION, definePlugin, EXTERNAL_TRAINER } from '@dda-thinker/plugin-api'
import { settleOptions } from '@dda-thinker/ppo-options'
import { trlOptions } from './options.ts'
import { TrlTrainer } from './trl-trainer.ts'
import { trlRules } from './trl-rules.ts'

export { trlOptions, type TrlOptions } from './options.ts'
export { TrlTrainer } from './trl-trainer.ts'

export default definePlugin({
  name: 'trainer-trl',
  apiVersion: API_VERSION,
  options: trlOptions,
  settle: (options, layerOf) => settleOptions(options, trlRules(options), layerOf),
  setup(api, options) {
    api.provide(EXTERNAL_TRAINER, () => new TrlTrainer(options, (path) => api.resolvePath(path)))
  },
})
