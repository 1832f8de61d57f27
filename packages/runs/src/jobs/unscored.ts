import type { Assembly } from '@dda-thinker/core'
import { REWARD, type Reward } from '@dda-thinker/plugin-api'

/** The engine rewards every rollout; where there is nothing to reward, this stands in and its result means nothing. */
export function unscored(assembly: Assembly): Assembly {
  const nothing: Reward = { total: 0, components: {}, items: [], extras: {} }
  return assembly.with(REWARD, { fingerprint: 'unscored', decompose: () => nothing }, 'nothing')
}
