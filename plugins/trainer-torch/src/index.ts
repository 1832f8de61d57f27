import { API_VERSION, definePlugin, definePluginSet, THINKER, TRAINER } from '@dda-thinker/plugin-api'
import { checkOptions, settleTrainer } from './check-options.ts'
import { install } from './install.ts'
import { completeTrainerOptions, thinkerOptions, trainerOptions } from './options.ts'
import { createTorchThinker } from './thinker.ts'
import { createTorchTrainer } from './trainer.ts'

export { install } from './install.ts'
export {
  thinkerOptions,
  trainerOptions,
  type GivenThinkerOptions,
  type GivenTrainerOptions,
  type ThinkerOptions,
  type TrainerOptions,
} from './options.ts'
export { createTorchThinker } from './thinker.ts'
export type { Connect, Connection } from './torch-worker.ts'
export { createTorchTrainer, type TorchTrainer, type TorchTrainerSetting } from './trainer.ts'

export default definePluginSet({
  trainer: definePlugin({
    name: 'trainer-torch',
    apiVersion: API_VERSION,
    options: trainerOptions,
    settle: settleTrainer,
    install,
    setup(api, options) {
      checkOptions(completeTrainerOptions(options))
      const { runDir } = api
      api.provide(TRAINER, () => createTorchTrainer(options, { resolvePath: (path) => api.resolvePath(path), runDir }))
    },
  }),
  thinker: definePlugin({
    name: 'thinker-torch',
    apiVersion: API_VERSION,
    options: thinkerOptions,
    install,
    setup(api, options) {
      api.provide(THINKER, () => createTorchThinker(options, { resolvePath: (path) => api.resolvePath(path) }))
    },
  }),
})
