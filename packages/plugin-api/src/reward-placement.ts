import type { ErrorRowDetails } from './error-table.ts'
import { errors } from './errors.ts'
import { excerpt } from './excerpt.ts'
import type { Plan } from './plan.ts'
import type { Reward } from './reward.ts'

/**
 * How far a reward's total may be from the sum of its shares, relative to the largest of them where that is over 1: what
 * adding in another order costs in doubles, and nothing that a person would call a share.
 */
export const REWARD_TOLERANCE = 1e-9

/**
 * Holds a reward to its contract: finite numbers, shares that add up to the total, components in [0, 1], credit inside the
 * plan's text. The engine asks it of every reward before it is recorded, the test kit of every decomposition, and a trainer,
 * through {@link placeRewards}, of what it is given.
 *
 * @param details put on the error: who made the reward, and in which stage.
 * @throws DdaError `DDA_REWARD_NOT_FINITE` or `DDA_REWARD_INVALID`, naming the sample and the share.
 */
export function checkReward(
  plan: Pick<Plan, 'sampleId' | 'text'>,
  reward: Reward,
  details: Omit<ErrorRowDetails, 'sampleId'> = {},
): void {
  const shape = shapeProblem(reward)
  const odd = shape === undefined ? oddNumber(reward) : undefined
  if (odd !== undefined) {
    const holes = { sample: plan.sampleId, value: odd[1], share: odd[0] }
    throw errors.make('DDA_REWARD_NOT_FINITE', holes, { ...details, sampleId: plan.sampleId })
  }
  const problem = shape ?? sumProblem(reward) ?? componentProblem(reward) ?? creditProblem(plan, reward)
  if (problem === undefined) return
  throw errors.make('DDA_REWARD_INVALID', { sample: plan.sampleId, problem }, { ...details, sampleId: plan.sampleId })
}

function oddNumber(reward: Reward): readonly [name: string, value: number] | undefined {
  return numbersOf(reward).find(([, value]) => !Number.isFinite(value))
}

function numbersOf(reward: Reward): readonly (readonly [name: string, value: number])[] {
  return [
    ...sharesOf(reward),
    ...Object.entries(reward.components).map(([name, value]) => [`component ${name}`, value] as const),
    ['total', reward.total],
  ]
}

/** A plugin in plain JavaScript may give anything. */
function shapeProblem(reward: unknown): string | undefined {
  if (typeof reward !== 'object' || reward === null) return `it is ${reward === null ? 'null' : `a ${typeof reward}`}`
  if (isThenable(reward)) return 'it is a promise, and `decompose` is synchronous: take out its `async`'
  const { components, items, extras } = reward as Readonly<Record<string, unknown>>
  if (!Array.isArray(items)) return 'it has no list `items`'
  const missing = Object.entries({ components, extras }).find(([, map]) => typeof map !== 'object' || map === null)
  return missing === undefined ? typeProblem(reward as Reward) : `it has no map \`${missing[0]}\``
}

/** A string that reads as a number is none, and neither is a promise of one. */
function typeProblem(reward: Reward): string | undefined {
  const odd = numbersOf(reward).find(([, value]) => typeof value !== 'number')
  if (odd === undefined) return undefined
  const [name, value] = odd as readonly [name: string, value: unknown]
  if (isThenable(value))
    return `its ${name} is a promise, where a number is due: nothing may be asynchronous in \`decompose\``
  return `its ${name} is ${excerpt(value)} (${typeof value}), where a number is due`
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}

/**
 * Puts a rollout's reward on its tokens: each item's contribution on the token that writes the character before its
 * `creditAt`, everything else on the last token. The numbers add up to the reward's total, within {@link REWARD_TOLERANCE}.
 *
 * @param plan with a token trace of at least one token.
 * @returns one number a token, as long as `plan.tokens.ends`.
 * @throws DdaError `DDA_TRAINER_STALE` for a plan without tokens; `DDA_REWARD_NOT_FINITE` or `DDA_REWARD_INVALID` as
 * {@link checkReward}: what belongs to no share is refused, never put somewhere.
 */
export function placeRewards(plan: Pick<Plan, 'sampleId' | 'text' | 'tokens'>, reward: Reward): number[] {
  const ends = plan.tokens?.ends ?? []
  if (ends.length === 0) {
    throw errors.make(
      'DDA_TRAINER_STALE/no-tokens',
      { sample: plan.sampleId },
      { sampleId: plan.sampleId, stage: 'update' },
    )
  }
  checkReward(plan, reward, { stage: 'update' })
  const placed = ends.map(() => 0)
  const last = ends.length - 1
  const add = (token: number, share: number): void => {
    placed[token] = (placed[token] as number) + share
  }
  for (const { creditAt, contribution } of reward.items) {
    add(creditAt === undefined ? last : tokenAt(ends, creditAt), contribution)
  }
  for (const share of Object.values(reward.extras)) add(last, share)
  return placed
}

/** First token whose end reaches the offset; the last one where the trace ends before it. */
function tokenAt(ends: readonly number[], offset: number): number {
  const found = ends.findIndex((end) => end >= offset)
  return found === -1 ? ends.length - 1 : found
}

function sharesOf({ items, extras }: Reward): readonly (readonly [name: string, value: number])[] {
  return [
    ...items.map(({ itemId, contribution }) => [`item ${itemId}`, contribution] as const),
    ...Object.entries(extras).map(([name, share]) => [`extra ${name}`, share] as const),
  ]
}

function sumProblem(reward: Reward): string | undefined {
  const shares = sharesOf(reward).map(([, value]) => value)
  const sum = shares.reduce((total, share) => total + share, 0)
  const scale = Math.max(1, ...shares.map(Math.abs))
  if (Math.abs(sum - reward.total) <= REWARD_TOLERANCE * scale) return undefined
  return `its shares add up to ${sum}, its total is ${reward.total}`
}

function componentProblem({ components }: Reward): string | undefined {
  const outside = Object.entries(components).find(
    ([, value]) => value < -REWARD_TOLERANCE || value > 1 + REWARD_TOLERANCE,
  )
  return outside === undefined ? undefined : `component ${outside[0]} is ${outside[1]}, outside [0, 1]`
}

function creditProblem({ text }: Pick<Plan, 'text'>, { items }: Reward): string | undefined {
  const astray = items.find(
    ({ creditAt }) =>
      creditAt !== undefined && !(Number.isInteger(creditAt) && creditAt > 0 && creditAt <= text.length),
  )
  if (astray === undefined) return undefined
  return `item ${astray.itemId} is credited at ${astray.creditAt}, in a plan of ${text.length} characters`
}
