import type { Assembly } from '@dda-thinker/core'
import { REWARD, type Reward, type Rollout } from '@dda-thinker/plugin-api'

/** The engine rewards every rollout; where there is nothing to reward, this stands in, and {@link withoutReward} takes away what it gave. */
export function unscored(assembly: Assembly): Assembly {
  const nothing: Reward = { total: 0, components: {}, items: [], extras: {} }
  return assembly.with(REWARD, { fingerprint: 'unscored', decompose: () => nothing }, 'nothing')
}

/** What nobody measured is no 0. */
export function withoutReward({ reward: _none, ...rest }: Rollout): Rollout {
  return rest
}
