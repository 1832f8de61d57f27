import { API_VERSION, BENCHMARKS, definePlugin } from '@dda-thinker/plugin-api'
import { gradeBenchmark } from './grade.ts'
import { OPTIONS } from './options.ts'

export { gradeBenchmark } from './grade.ts'
export { OPTIONS, type GradeOptions } from './options.ts'
export { PROMPTS } from './prompts.ts'

export default definePlugin({
  name: 'benchmark-grade',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    const { prompts } = options
    const folder = prompts === undefined ? undefined : api.resolvePath(prompts)
    api.contribute(BENCHMARKS, () => gradeBenchmark(options, folder))
  },
})
