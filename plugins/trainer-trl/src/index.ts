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
  setup(api, options) {
    // What is left to complain of, `check` tells.
    const settled = settleTrlOptions(options, (option) => api.isInherited(option)).options
    api.provide(EXTERNAL_TRAINER, () => new TrlTrainer(settled, (path) => api.resolvePath(path)))
  },
})
