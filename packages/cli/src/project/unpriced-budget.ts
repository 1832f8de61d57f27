import { blocksOf, formatPath, type ProjectConfig } from '@dda-thinker/config'

/**
 * A budget of money counts what plugins say that calls cost, and most can say so only by a `price`: without one it would never
 * end a run. It is a warning, for a service may bill by itself.
 *
 * @returns what to tell, or undefined where there is no such budget or everything that calls a service has a price
 */
export function unpricedBudget(config: ProjectConfig): string | undefined {
  const { money } = config.budget
  if (money === undefined) return undefined
  const services = blocksOf(config).filter(({ options }) => 'endpoint' in options || 'endpoints' in options)
  const unpriced = services.filter(({ options }) => options['price'] === undefined)
  if (services.length > 0 && unpriced.length === 0) return undefined
  const what =
    services.length === 0
      ? 'nothing in the configuration costs any'
      : `no price is set for ${unpriced.map(nameOf).join(', ')}`
  return `budget.money is ${money}, but ${what}: it counts what services bill and what \`price\` says, nothing else.`
}

function nameOf({ path, use }: ReturnType<typeof blocksOf>[number]): string {
  return `${formatPath(path)} (${use})`
}
