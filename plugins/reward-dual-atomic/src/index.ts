import { API_VERSION, definePlugin, REWARD } from '@dda-thinker/plugin-api'
import { dualAtomic } from './dual-atomic.ts'
import { OPTIONS } from './options.ts'

export { dualAtomic } from './dual-atomic.ts'
export { OPTIONS, type Combine, type DualAtomicInput, type DualAtomicOptions } from './options.ts'

export default definePlugin({
  name: 'reward-dual-atomic',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    api.provide(REWARD, () => dualAtomic(options))
  },
})
