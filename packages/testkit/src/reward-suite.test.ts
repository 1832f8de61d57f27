import { DdaError, type Reward, type RewardDecomposition } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { catches, failuresOf } from './meta.fixture.ts'
import { rewardSuite } from './reward-suite.ts'

/** Every passed item brings an equal share. */
function fair(): RewardDecomposition {
  return {
    fingerprint: 'fair',
    decompose({ checklist, verdicts }) {
      const items = checklist.map((item) => {
        const verdict = verdicts.find(({ itemId }) => itemId === item.id)
        if (verdict === undefined && item.scope === 'cognitive') {
          throw new DdaError('DDA_VERDICT_MISSING', item.id, { kind: 'bad-output' })
        }
        const passed = verdict?.answer === item.expected
        return { itemId: item.id, scope: item.scope, passed, contribution: passed ? 1 / checklist.length : 0 }
      })
      const total = items.reduce((sum, item) => sum + item.contribution, 0)
      return { total, components: { passed: Math.min(1, total) }, items, extras: {} }
    },
  }
}

const changed =
  (change: (reward: Reward) => Reward) =>
  (role: RewardDecomposition): RewardDecomposition => ({ ...role, decompose: (input) => change(role.decompose(input)) })
let calls = 0

catches<RewardDecomposition>({
  honest: fair,
  register: (test, factory) => rewardSuite({ test, factory, rounds: 30 }),
  sabotaged: [
    [/not in a promise/, changed((reward) => Promise.resolve(reward) as unknown as Reward)],
    [/sum of the items/, changed((reward) => ({ ...reward, total: reward.total + 2e-9 }))],
    [/sum of the items/, changed((reward) => ({ ...reward, total: Number.NaN }))],
    [/sum of the items/, changed((reward) => ({ ...reward, components: { passed: 1.5 } }))],
    [
      /sum of the items/,
      changed((reward) => ({ ...reward, items: reward.items.map((item) => ({ ...item, creditAt: 10_000 })) })),
    ],
    [/is pure/, changed((reward) => ({ ...reward, total: reward.total + calls++ }))],
    [/names every item once/, changed((reward) => ({ ...reward, items: reward.items.slice(1) }))],
    [
      /names every item once/,
      changed((reward) => ({ ...reward, items: reward.items.map((item) => ({ ...item, passed: true })) })),
    ],
    [
      /missing verdict/,
      (role) => ({
        ...role,
        decompose: ({ checklist, ...input }) =>
          role.decompose({
            ...input,
            checklist: checklist.filter(({ id }) => input.verdicts.some((one) => one.itemId === id)),
          }),
      }),
    ],
    [
      /gated rollout/,
      (role) => ({
        ...role,
        decompose(input) {
          const reward = role.decompose(input)
          const gated = !input.verdicts.some(({ itemId }) => itemId.startsWith('visual'))
          return gated ? { ...reward, total: reward.total + 9, extras: { bonus: 9 } } : reward
        },
      }),
    ],
    [
      /never lowers/,
      changed((reward) => ({
        ...reward,
        total: -reward.total,
        items: reward.items.map((item) => ({ ...item, contribution: -item.contribution })),
      })),
    ],
    [
      /breaks its format/,
      (role) => ({
        ...role,
        decompose(input) {
          const reward = role.decompose(input)
          return input.plan.format.ok ? reward : { ...reward, total: reward.total + 1, extras: { chaos: 1 } }
        },
      }),
    ],
  ],
})

test.each<readonly [string, (role: RewardDecomposition) => RewardDecomposition, RegExp]>([
  ['is pure', changed((reward) => ({ ...reward, total: reward.total + calls++ })), /is there chance, time or memory/],
  ['names every item once', changed((reward) => ({ ...reward, items: [] })), /names none.*needsVerdicts: false/],
  [
    'one more passed item',
    changed((reward) => ({ ...reward, total: -reward.total })),
    /and the reward fell: say `monotone: false`/,
  ],
])('of a failure of "%s" it says what to do', async (name, sabotage, told) => {
  const failed = await failuresOf((collect) =>
    rewardSuite({ test: collect, factory: () => sabotage(fair()), rounds: 30 }),
  )
  expect(failed.find((one) => one.name.includes(name))?.said).toMatch(told)
})
