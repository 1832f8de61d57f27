import { API_VERSION, definePlugin, REWARD, Type, type RewardDecomposition } from '@dda-thinker/plugin-api'

const NAME = '{{package}}'

const words = (text: string) => text.split(/\s+/).filter(Boolean).length

/** 1 for plans of at most `target` words, and less in proportion for longer ones. Pure and synchronous, as every reward. */
export function createReward(target: number): RewardDecomposition {
  return {
    fingerprint: `${NAME}:${target}`,
    decompose({ plan }) {
      const score = Math.min(1, target / Math.max(1, words(plan.executable)))
      return { total: score, components: { [NAME]: score }, items: [], extras: { [NAME]: score } }
    },
  }
}

export default definePlugin({
  name: NAME,
  apiVersion: API_VERSION,
  options: Type.Object({ target: Type.Integer({ minimum: 1, default: 40 }) }, { additionalProperties: false }),
  setup(api, { target }) {
    api.provide(REWARD, () => createReward(target))
  },
})
