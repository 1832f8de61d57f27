import { API_VERSION, BENCHMARKS, definePlugin } from '@dda-thinker/plugin-api'
import { OPTIONS } from './options.ts'
import { riseBenchmark } from './rise.ts'

export { OPTIONS, type RiseOptions } from './options.ts'
export { PROMPTS } from './prompts.ts'
export { riseBenchmark } from './rise.ts'

export default definePlugin({
  name: 'benchmark-rise',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    const { prompts } = options
    const folder = prompts === undefined ? undefined : api.resolvePath(prompts)
    api.contribute(BENCHMARKS, () => riseBenchmark(options, folder))
  },
})
