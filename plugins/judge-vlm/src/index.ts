import { API_VERSION, definePlugin, JUDGES, type Judge, withDefaults } from '@dda-thinker/plugin-api'
import { options, type JudgeOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import { VlmJudge } from './vlm-judge.ts'

/** A checklist judge over any OpenAI-compatible chat server with pictures. */
export default definePlugin({
  name: 'judge-vlm',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    settingsOf(given)
    api.contribute(JUDGES, () => new VlmJudge(given))
  },
  async fake(address) {
    const { startStandIn } = await import('./stand-in-server.ts')
    const server = await startStandIn({ ...address, anyModel: true })
    return { url: server.url, options: { endpoints: [server.url], model: 'stand-in-vlm' }, close: () => server.close() }
  },
})

/** The judge for use without a config: options not given have their defaults. */
export function vlmJudge(given: Partial<JudgeOptions> & Pick<JudgeOptions, 'model'>): Judge {
  return new VlmJudge(withDefaults<JudgeOptions>(options, given))
}

export type { JudgeOptions } from './options.ts'
export { sanitisePlan, SANITISER_VERSION, type SanitisedPlan } from '@dda-thinker/plan-text'
