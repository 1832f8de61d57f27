import { API_VERSION, definePlugin } from '@dda-thinker/plugin-api'
import { CanaryWatch } from './canary-watch.ts'
import { options } from './options.ts'

/** Asks the judges of a training run what has no right to pass, and what people have answered; says so where they are wrong. */
export default definePlugin({
  name: 'plugin-canary',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    const { calibration } = given
    const set =
      calibration === undefined ? {} : { calibration: { ...calibration, file: api.resolvePath(calibration.file) } }
    const watch = new CanaryWatch({ ...given, ...set }, api.runDir, api.log)
    // After all others: what is asked about is what is recorded.
    api.tap('judge', (rollout, info) => watch.see(rollout, info), { order: 'post' })
    api.tap('update', (report) => watch.report(report), { order: 'post' })
    api.onDispose(() => {
      const summary = watch.summary()
      if (summary !== undefined) api.log.info(summary)
    })
  },
})

export { KINDS, PLEA, type Kind, type Trap } from './canary.ts'
export type { CanaryOptions } from './options.ts'
