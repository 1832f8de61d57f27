import { API_VERSION, definePlugin, EXTERNAL_TRAINER } from '@dda-thinker/plugin-api'
import { trlOptions } from './options.ts'
import { TrlTrainer } from './trl-trainer.ts'
import { settleTrlOptions } from './settle-options.ts'

export { trlOptions, type TrlOptions } from './options.ts'
export { TrlTrainer } from './trl-trainer.ts'

export default definePlugin({
  name: 'trainer-trl',
  apiVersion: API_VERSION,
  options: trlOptions,
  settle: settleTrlOptions,
  setup(api, options) {
    api.provide(EXTERNAL_TRAINER, () => new TrlTrainer(options, (path) => api.resolvePath(path)))
  },
})
