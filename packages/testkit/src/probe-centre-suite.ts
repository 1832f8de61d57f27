import type { AdvantageInput, Matrix, Reward, TrainerCapabilities } from '@dda-thinker/plugin-api'
import { makePlan } from './fakes/index.ts'
import * as golden from './golden-vectors.ts'
import { assertClose, failsWithCode } from './harness.ts'
import { closeWhere, type Check } from './probe-batches.ts'

/** An estimation without critic, KL, discount and whitening, of which a check changes what it is about. */
export function plainAdvantages(
  given: Pick<AdvantageInput, 'rewards' | 'mask' | 'groups' | 'tokens'> & Partial<AdvantageInput>,
): AdvantageInput {
  const zeros = given.mask.map((row) => row.map(() => 0))
  return {
    kl: zeros,
    klCoefficient: 0,
    values: zeros,
    estimator: 'gae',
    gamma: 1,
    lambda: 1,
    whiten: false,
    whitenVariance: 'unbiased',
    groupCentre: 'off',
    ...given,
  }
}

/** G10, I23 */
export function registerGroupCentre(check: Check, supports: TrainerCapabilities): void {
  const { rewards, mask, tokens, cases } = golden.GROUP_CENTRE
  const inGroups = (groups: readonly string[]): Parameters<typeof plainAdvantages>[0] => ({
    rewards,
    mask,
    tokens,
    groups,
  })
  const together = rewards.map(() => 'a')
  for (const { groupCentre, advantages } of cases) {
    if (groupCentre !== 'off' && !supports.groupCentre.includes(groupCentre)) continue
    check(`G10 group centring: ${groupCentre}`, async (probe) => {
      const result = await probe.advantages(plainAdvantages({ ...inGroups(together), groupCentre }))
      closeWhere(mask, result.advantages, advantages, 'advantages')
      closeWhere(mask, result.returns ?? [], cases[0]?.advantages ?? [], 'returns, which no centring reaches')
    })
  }
  for (const groupCentre of supports.groupCentre) {
    check(
      `I23 centring by ${groupCentre}: equal rewards give zero, a plan alone in its group keeps what it has`,
      async (probe) => {
        const equal = mask.map((row) => lastOf(row, 0.3))
        const none = await probe.advantages(plainAdvantages({ ...inGroups(together), rewards: equal, groupCentre }))
        const zeros = mask.map((row) => row.map(() => 0))
        closeWhere(mask, none.advantages, zeros, 'equal rewards')
        const alone = inGroups(rewards.map((_, i) => `g${i}`))
        const kept = await probe.advantages(plainAdvantages({ ...alone, groupCentre }))
        closeWhere(mask, kept.advantages, (await probe.advantages(plainAdvantages(alone))).advantages, 'alone')
      },
    )
  }
}

/** I24: with the KL in the reward its coefficient matters as much where the rewards of a group are equal as where they are not. */
export function registerKlAmongGroups(check: Check, supports: TrainerCapabilities): void {
  if (!supports.klPlace.includes('reward')) return
  for (const estimator of ['grpo', 'rloo'] as const) {
    if (!supports.estimators.includes(estimator)) continue
    check(
      `I24 ${estimator} with the KL in the reward: the task is normalised alone, the KL keeps its coefficient`,
      async (probe) => {
        const mask = [
          [1, 1],
          [1, 1],
          [1, 0],
          [1, 1],
        ]
        const kl = [
          [0.2, 0.1],
          [0, -0.1],
          [0.4, 0],
          [0.05, 0.15],
        ]
        const about = { mask, kl, tokens: [[1, 2], [1, 3], [4], [5, 6]], groups: ['a', 'a', 'a', 'a'], estimator }
        const at = async (rewards: Matrix, klCoefficient: number): Promise<Matrix> =>
          (await probe.advantages(plainAdvantages({ ...about, rewards, klCoefficient }))).advantages
        const equal = mask.map((row) => lastOf(row, 0.5))
        const sums = kl.map((row) => row.reduce((sum, x) => sum + x, 0))
        const expected = (coefficient: number): number[] =>
          sums.map((own) => -coefficient * (own - (sums.reduce((a, b) => a + b, 0) - own) / (sums.length - 1)))
        for (const coefficient of [1e-4, 0.02, 1]) {
          const found = await at(equal, coefficient)
          assertClose(
            found.map((row) => row[0]),
            expected(coefficient),
            golden.GOLDEN_TOLERANCE,
            `β = ${coefficient}`,
          )
        }
        const task = [
          [0, 1],
          [0, 0],
          [0.5, 0],
          [0, 0.25],
        ]
        const [with0, with1] = [await at(task, 0), await at(task, 0.1)]
        const added = with1.map((row, r) => (row[0] as number) - (with0[r]?.[0] as number))
        assertClose(added, expected(0.1), golden.GOLDEN_TOLERANCE, 'what the KL adds where rewards differ')
      },
    )
  }
}

/** I25: the trainer puts rewards on tokens as the contract says. */
export function registerPlacement(check: Check): void {
  const plan = makePlan('abcdef', {
    tokens: { ids: [1, 2, 3], logProbs: [-1, -1, -1], ends: [2, 4, 6], temperature: 1 },
  })
  const item = (itemId: string, contribution: number, creditAt?: number): Reward['items'][number] => ({
    itemId,
    scope: 'visual',
    passed: true,
    contribution,
    ...(creditAt !== undefined && { creditAt }),
  })
  check('I25 rewards on tokens: shares where they are credited, the rest on the last token', async (probe) => {
    const items = [item('early', 0.2, 2), item('inside', 0.1, 3), item('end', 0.3)]
    const reward = { total: 0.7, components: {}, items, extras: { format: 0.1 } }
    assertClose(await probe.placeRewards({ plan, reward }), [0.2, 0.1, 0.4], 1e-12, 'rewards')
  })
  check('I25 what belongs to no share is refused', async (probe) => {
    const reward = { total: 0.7, components: {}, items: [item('only', 0.2)], extras: {} }
    const place = () => probe.placeRewards({ plan, reward })
    await failsWithCode(place, { code: 'DDA_REWARD_INVALID', what: 'a total that no share explains' })
  })
}

function lastOf(mask: readonly number[], reward: number): number[] {
  const last = mask.lastIndexOf(1)
  return mask.map((_, column) => (column === last ? reward : 0))
}
