import { API_VERSION, BENCHMARKS, definePlugin } from '@dda-thinker/plugin-api'
import { OPTIONS } from './options.ts'
import { krisBenchmark } from './kris.ts'

export { OPTIONS, type KrisOptions } from './options.ts'
export { PROMPTS } from './prompts.ts'
export { krisBenchmark } from './kris.ts'

export default definePlugin({
  name: 'benchmark-kris',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    const { prompts } = options
    const folder = prompts === undefined ? undefined : api.resolvePath(prompts)
    api.contribute(BENCHMARKS, () => krisBenchmark(options, folder))
  },
})
