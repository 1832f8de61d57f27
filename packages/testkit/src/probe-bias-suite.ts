import assert from 'node:assert/strict'
import type { AdvantageInput, Estimator, GroupCentre, TrainerCapabilities } from '@dda-thinker/plugin-api'
import { seededRandom } from './fakes/index.ts'
import type { Check } from './probe-batches.ts'
import { plainAdvantages } from './probe-centre-suite.ts'

/*
 * Plans of two tokens out of three each, few enough to know their policy gradient exactly. The first branch is common, the
 * third rare: what an estimator does to exploration shows there. Rewards differ between branches and within them.
 */
const FIRST = [0.8, 0.15, 0.05]
const SECOND = [
  [0.6, 0.3, 0.1],
  [0.2, 0.5, 0.3],
  [0.4, 0.4, 0.2],
]
const REWARD = [
  [0.2, 0.6, 0],
  [1, 0.1, 0.4],
  [0, 1, 0.5],
]
/** Of a critic that is wrong everywhere: it may cost variance and must not bias. */
const VALUES = { root: 0.9, after: [-0.4, 0.2, 0.7] }
const GROUPS = 3000
const MEMBERS = 8

interface Draw {
  readonly group: number
  readonly first: number
  readonly second: number
}

/** How much of the true gradient an estimate has, at the root and behind each first token: 1 where it is unbiased. */
interface Share {
  readonly mean: number
  readonly standardError: number
}

const STATES = ['root', 'behind the common token', 'behind the uncommon token', 'behind the rare token'] as const

/** I26: by Monte Carlo against the exact gradient. */
export function registerUnbiasedness(check: Check, supports: TrainerCapabilities): void {
  for (const groupCentre of supports.critic ? (['off', ...supports.groupCentre] as const) : []) {
    check(
      `I26 gae with lambda 1 and group centring ${groupCentre} has the whole gradient at every state`,
      async (probe) => {
        for (const share of await shares(probe, { estimator: 'gae', groupCentre })) assertWhole(share)
      },
    )
  }
  if (supports.estimators.includes('rloo')) {
    check('I26 rloo has the whole gradient at every state', async (probe) => {
      for (const share of await shares(probe, { estimator: 'rloo', groupCentre: 'off' })) assertWhole(share)
    })
  }
  if (supports.estimators.includes('reinforce++')) {
    check('I26 reinforce++ scales the gradient alike at every state', async (probe) => {
      const [root, ...others] = await shares(probe, { estimator: 'reinforce++', groupCentre: 'off' })
      assert.ok(root !== undefined && root.mean > 0, 'the gradient at the root points uphill')
      for (const { name, mean, standardError } of others) {
        const scaled = { name, mean: mean / root.mean, standardError: standardError / root.mean }
        assertWhole({ ...scaled, standardError: scaled.standardError + root.standardError / root.mean })
      }
    })
  }
  if (supports.estimators.includes('grpo')) {
    // Dividing by the spread of each group weighs groups unlike, which is a known bias of it (Liu et al. 2025): not its direction.
    check('I26 grpo points uphill at every state', async (probe) => {
      for (const { name, mean } of await shares(probe, { estimator: 'grpo', groupCentre: 'off' })) {
        assert.ok(mean > 0.5, `${name}: ${mean} of the true gradient`)
      }
    })
  }
}

function assertWhole({ name, mean, standardError }: Share & { readonly name: string }): void {
  assert.ok(standardError < 0.12, `${name}: the standard error is ${standardError}`)
  const off = Math.abs(mean - 1)
  assert.ok(off <= 4 * standardError, `${name}: ${mean.toFixed(3)} ± ${standardError.toFixed(3)} of the true gradient`)
}

async function shares(
  probe: {
    readonly advantages: (input: AdvantageInput) => Promise<{ readonly advantages: AdvantageInput['rewards'] }>
  },
  how: { readonly estimator: Estimator; readonly groupCentre: GroupCentre },
): Promise<readonly (Share & { readonly name: string })[]> {
  const draws = sample(seededRandom(26))
  const { advantages } = await probe.advantages(
    plainAdvantages({
      rewards: draws.map(({ first, second }) => [0, REWARD[first]?.[second] ?? 0]),
      mask: draws.map(() => [1, 1]),
      tokens: draws.map(({ first, second }) => [first, 10 + second]),
      groups: draws.map(({ group }) => `g${group}`),
      values:
        how.estimator === 'gae'
          ? draws.map(({ first }) => [VALUES.root, VALUES.after[first] ?? 0])
          : draws.map(() => [0, 0]),
      ...how,
    }),
  )
  return STATES.map((name, state) => ({ name, ...shareAt(draws, advantages, state - 1) }))
}

/** @param branch -1: the root */
function shareAt(draws: readonly Draw[], advantages: AdvantageInput['rewards'], branch: number): Share {
  const policy = branch < 0 ? FIRST : (SECOND[branch] ?? [])
  const value = (first: number): number => dot(SECOND[first] ?? [], REWARD[first] ?? [])
  const worth = branch < 0 ? FIRST.map((_, first) => value(first)) : (REWARD[branch] ?? [])
  const reached = branch < 0 ? 1 : (FIRST[branch] ?? 0)
  const baseline = dot(policy, worth)
  // d J / d logit of each action, and what each group's estimate has in that direction.
  const truth = policy.map((chance, action) => reached * chance * ((worth[action] ?? 0) - baseline))
  const square = dot(truth, truth)
  const byGroup = Array.from({ length: GROUPS }, () => 0)
  draws.forEach(({ group, first, second }, row) => {
    if (branch >= 0 && first !== branch) return
    const advantage = advantages[row]?.[branch < 0 ? 0 : 1] ?? Number.NaN
    const taken = branch < 0 ? first : second
    const along = truth.reduce((sum, t, action) => sum + t * ((action === taken ? 1 : 0) - (policy[action] ?? 0)), 0)
    byGroup[group] = (byGroup[group] ?? 0) + (advantage * along) / square / MEMBERS
  })
  const mean = byGroup.reduce((sum, x) => sum + x, 0) / GROUPS
  const variance = byGroup.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (GROUPS - 1)
  return { mean, standardError: Math.sqrt(variance / GROUPS) }
}

function sample(random: () => number): readonly Draw[] {
  return Array.from({ length: GROUPS * MEMBERS }, (_, row) => {
    const first = choose(random, FIRST)
    return { group: Math.floor(row / MEMBERS), first, second: choose(random, SECOND[first] ?? []) }
  })
}

function choose(random: () => number, chances: readonly number[]): number {
  let left = random()
  for (const [action, chance] of chances.entries()) {
    left -= chance
    if (left < 0) return action
  }
  return chances.length - 1
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
}
