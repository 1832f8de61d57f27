import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'

/** Watches plans as they are made, and says at the end of a run how long they were. It changes nothing: a tap returns nothing. */
export default definePlugin({
  name: '{{package}}',
  apiVersion: API_VERSION,
  options: Type.Object({ warnAbove: Type.Integer({ minimum: 1, default: 60 }) }, { additionalProperties: false }),
  setup(api, { warnAbove }) {
    let [plans, words] = [0, 0]
    api.tap(
      'plan',
      (plan) => {
        const length = plan.executable.split(/\s+/).filter(Boolean).length
        plans++
        words += length
        if (length > warnAbove) api.log.warn(`plan ${plan.id} has ${length} words`)
      },
      { order: 'post' },
    )
    api.onDispose(() => {
      if (plans > 0) api.log.info(`${plans} plans, ${(words / plans).toFixed(1)} words on average`)
    })
  },
})
