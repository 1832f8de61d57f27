import { API_VERSION, definePlugin, REWARD } from '@dda-thinker/plugin-api'
import { literatureReward } from './literature.ts'
import { OPTIONS } from './options.ts'

export { literatureReward } from './literature.ts'
export { OPTIONS, type LiteratureOptions } from './options.ts'
export { RULE_NAMES, RULES, type RuleName } from './rules.ts'

export default definePlugin({
  name: 'reward-literature',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, { rule }) {
    api.provide(REWARD, () => literatureReward(rule))
  },
})
