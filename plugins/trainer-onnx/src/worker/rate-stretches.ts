import type { PolicyConfig } from '../policy/config.ts'
import { parameterTable } from '../policy/parameters.ts'
import type { RateStretch } from '../ppo/adam.ts'
import type { RateFactors } from '../protocol/settings.ts'

/**
 * The whole flat vector of weights, cut where the learning rate changes.
 * @param said tokens that plans have held. Plans are written with them too, and a faster rate would unlearn the writing.
 */
export function rateStretches(
  config: PolicyConfig,
  factors: RateFactors,
  said: ReadonlySet<number>,
): readonly RateStretch[] {
  const stretches: RateStretch[] = []
  const add = (end: number, factor: number): void => {
    if (stretches.at(-1)?.factor === factor) stretches.pop()
    stretches.push({ end, factor })
  }
  for (const { name, offset, size } of parameterTable(config)) {
    if (name !== 'token') {
      add(offset + size, name.startsWith('value.') ? factors.critic : 1)
      continue
    }
    for (let token = 0; token < config.vocabulary; token++) {
      add(offset + (token + 1) * config.width, said.has(token) ? 1 : factors.instruction)
    }
  }
  return stretches
}
