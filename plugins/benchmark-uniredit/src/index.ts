import { API_VERSION, BENCHMARKS, definePlugin } from '@dda-thinker/plugin-api'
import { OPTIONS } from './options.ts'
import { unireditBenchmark } from './uniredit.ts'

export { OPTIONS, type UnireditOptions } from './options.ts'
export { PROMPTS } from './prompts.ts'
export { unireditBenchmark } from './uniredit.ts'

export default definePlugin({
  name: 'benchmark-uniredit',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    const { prompts } = options
    const folder = prompts === undefined ? undefined : api.resolvePath(prompts)
    api.contribute(BENCHMARKS, () => unireditBenchmark(options, folder))
  },
})
