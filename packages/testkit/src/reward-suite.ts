import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import {
  assess,
  checkReward,
  isAskedFor,
  placeStreams,
  REWARD_TOLERANCE,
  SCOPES,
  type ChecklistItem,
  type DecompositionInput,
  type RewardDecomposition,
} from '@dda-thinker/plugin-api'
import { deepFreeze, makeItem, makePlan, makeVerdicts, pick, randomInteger, seededRandom } from './fakes/index.ts'
import { assertClose, assertFingerprint, failsWithCode, type SuiteOptions } from './harness.ts'

export interface RewardSuiteOptions extends SuiteOptions<RewardDecomposition> {
  /** Is the reward never lower for one more passed item? Default true. */
  readonly monotone?: boolean
  /** Does it need a verdict for every item? Default true; false for rewards that read the plan alone. */
  readonly needsVerdicts?: boolean
  /** Random rollouts tried. Default 200. */
  readonly rounds?: number
}

const PLAN_ALONE = 'Of a reward that reads the plan alone, say `needsVerdicts: false`.'

/** Registers the conformance tests of a reward decomposition, over random checklists and verdicts. */
export function rewardSuite(options: RewardSuiteOptions): void {
  const { test, factory, monotone = true, needsVerdicts = true, rounds = 200 } = options

  const each = (
    check: (input: DecompositionInput, reward: RewardDecomposition, random: () => number) => void,
  ): void => {
    const random = seededRandom(7)
    const reward = factory()
    for (let round = 0; round < rounds; round++) check(deepFreeze(randomRollout(random)), reward, random)
  }

  test('has a fingerprint and decomposes at once, not in a promise', async () => {
    assertFingerprint([factory().fingerprint, factory().fingerprint])
    const result: unknown = factory().decompose(randomRollout(seededRandom(1)))
    assert.ok(
      typeof result === 'object' && result !== null && !('then' in result),
      'decompose is synchronous and gives an object: take out its `async`',
    )
  })

  test('the total is the sum of the items and the extras, all numbers are finite, credit is inside the plan', async () => {
    each((input, reward) => checkReward(input.plan, reward.decompose(input)))
  })

  test('is pure: the same rollout gives the same reward, and its input is left alone', async () => {
    const other = factory()
    each((input, reward) => {
      const first = reward.decompose(input)
      const pure = 'the same rollout gave two rewards: is there chance, time or memory in `decompose`?'
      for (const again of [reward, other]) assert.ok(isDeepStrictEqual(again.decompose(input), first), pure)
    })
  })

  if (needsVerdicts) {
    test('names every item once and says whether it passed; `unsure` passes nothing', async () => {
      each((input, reward, random) => {
        const unsure = pick(random, input.verdicts).itemId
        const verdicts = input.verdicts.map((one) =>
          one.itemId === unsure ? { ...one, answer: 'unsure' as const } : one,
        )
        const { items } = reward.decompose({ ...input, verdicts })
        const [named, asked] = [items.map(({ itemId }) => itemId), input.checklist.map(({ id }) => id)]
        assert.ok(
          isDeepStrictEqual(named.toSorted(), asked.toSorted()),
          `\`items\` names ${named.join(', ') || 'none'}, the checklist has ${asked.join(', ')}. ${PLAN_ALONE}`,
        )
        for (const { item, passed } of assess(input.checklist, verdicts)) {
          const own = items.find(({ itemId }) => itemId === item.id)
          assert.equal(own?.scope, item.scope, `scope of item ${item.id}`)
          assert.equal(own?.passed, passed, `\`passed\` of item ${item.id}`)
        }
      })
    })

    test('a missing verdict is an error with a failure kind, never a number', async () => {
      const input = randomRollout(seededRandom(3))
      const cognitive = input.checklist.find((item) => item.scope === 'cognitive')?.id
      const verdicts = input.verdicts.filter(({ itemId }) => itemId !== cognitive)
      const error = await failsWithCode(() => factory().decompose({ ...input, verdicts }), {
        what:
          'a missing verdict (throw a DdaError with `kind: "bad-output"` for a cognitive item that has none; visual items of ' +
          `a gated rollout never have one. ${PLAN_ALONE})`,
      })
      assert.ok(error.kind !== undefined, 'the error has a kind, so that the rollout is masked')
    })

    test('a gated rollout, judged on its plan alone, has a reward that no visual item adds to', async () => {
      each((input, reward) => {
        const verdicts = input.verdicts.filter(({ itemId }) =>
          input.checklist.some((item) => item.id === itemId && item.scope === 'cognitive'),
        )
        const result = reward.decompose({ ...input, verdicts })
        checkReward(input.plan, result)
        for (const item of result.items) if (item.scope === 'visual') assert.equal(item.contribution, 0)
        assert.ok(
          result.total <=
            reward.decompose({ ...input, verdicts: makeVerdicts(input.checklist) }).total + REWARD_TOLERANCE,
        )
      })
    })
  }

  if (needsVerdicts && factory().streams !== undefined) {
    test('its streams hold every share, and each is the same whatever else was asked', async () => {
      each((input, reward) => {
        const streams = reward.streams ?? []
        const plan = { ...input.plan, tokens: oneToken(input.plan.text) }
        const sums = (given: DecompositionInput): readonly (number | undefined)[] => {
          const rollout = { plan, reward: reward.decompose(given), ...(given.asked && { asked: given.asked }) }
          return placeStreams(rollout, streams).map((one) => one?.reduce((sum, share) => sum + share, 0))
        }
        const whole = sums(input)
        const total = whole.reduce<number>((sum, one) => sum + (one ?? 0), 0)
        assertClose(total, reward.decompose(input).total, REWARD_TOLERANCE, 'the streams add up to the total')
        for (const asked of SCOPES.map((scope) => [scope])) {
          const verdicts = input.verdicts.filter(({ itemId }) =>
            input.checklist.some(({ id, scope }) => id === itemId && asked.includes(scope)),
          )
          sums({ ...input, verdicts, asked }).forEach((one, i) => {
            const stream = streams[i]
            const expected = stream !== undefined && isAskedFor({ asked }, stream) ? whole[i] : undefined
            assert.equal(one === undefined, expected === undefined, `${stream?.name} where ${asked.join()} is asked`)
            if (one !== undefined) assertClose(one, expected, REWARD_TOLERANCE, `${stream?.name}`)
          })
          for (const { scope } of reward.decompose({ ...input, verdicts, asked }).items) {
            assert.ok(asked.includes(scope), 'an item that was not asked is named')
          }
        }
      })
    })
  }

  if (factory().needsEdit === false) {
    test('needs no edit: asked for the plan alone, it is worth what it is worth with any visual verdicts', async () => {
      each((input, reward) => {
        const cognitive = new Set(input.checklist.flatMap(({ id, scope }) => (scope === 'cognitive' ? [id] : [])))
        const verdicts = input.verdicts.filter(({ itemId }) => cognitive.has(itemId))
        const alone = reward.decompose({ ...input, verdicts, asked: ['cognitive'] })
        const edited = reward.decompose(input)
        assertClose(alone.total, edited.total, REWARD_TOLERANCE, 'total')
        assert.deepEqual(alone.extras, edited.extras)
        for (const { itemId, contribution } of edited.items) {
          const same = alone.items.find((item) => item.itemId === itemId)?.contribution ?? 0
          assertClose(same, contribution, REWARD_TOLERANCE, `item ${itemId}`)
        }
      })
    })
  }

  if (monotone) {
    test('one more passed item never lowers the reward', async () => {
      each((input, reward) => {
        const before = reward.decompose(input)
        for (const { id, expected } of input.checklist) {
          const verdicts = input.verdicts.map((one) => (one.itemId === id ? { ...one, answer: expected } : one))
          assert.ok(
            reward.decompose({ ...input, verdicts }).total >= before.total - REWARD_TOLERANCE,
            `item ${id} passed, and the reward fell: say \`monotone: false\` where that is meant`,
          )
        }
      })
    })

    test('a plan that breaks its format earns no more than the same plan in format', async () => {
      each((input, reward) => {
        const [good, bad] = [{ ok: true } as const, { ok: false, problem: 'no plan' } as const].map(
          (format) => reward.decompose({ ...input, plan: { ...input.plan, format } }).total,
        )
        assert.ok(
          (bad as number) <= (good as number) + REWARD_TOLERANCE,
          `in format the plan earned ${good}, out of it ${bad}: say \`monotone: false\` where that is meant`,
        )
      })
    })
  }
}

function oneToken(text: string): NonNullable<DecompositionInput['plan']['tokens']> {
  return { ids: [0], logProbs: [0], ends: [text.length], temperature: 1 }
}

const THINGS = ['banana', 'candle', 'red cup', 'ice', 'seedling', 'apples']

/** A plan, 1–4 items of each scope and a yes or no for each. */
function randomRollout(random: () => number): DecompositionInput {
  const checklist = SCOPES.flatMap((scope) =>
    Array.from({ length: randomInteger(random, 1, 4) }, (_, i): ChecklistItem => {
      const thing = pick(random, THINGS)
      return makeItem(`${scope}-${i}`, scope, {
        question: scope === 'cognitive' ? `Does the plan change the ${thing}?` : `Has the ${thing} changed?`,
        expected: pick(random, ['yes', 'no'] as const),
        ...(random() < 0.5 && { weight: randomInteger(random, 1, 9) / 4 }),
        ...(random() < 0.2 && { critical: true }),
      })
    }),
  )
  const failed = checklist.filter(() => random() < 0.4).map((item) => item.id)
  const clauses = Array.from({ length: randomInteger(random, 1, 3) }, () => `change the ${pick(random, THINGS)}`)
  const format = random() < 0.8 ? ({ ok: true } as const) : ({ ok: false, problem: 'no plan' } as const)
  const plan = makePlan(`Time has passed. Plan: ${clauses.join('; ')}`, { format })
  return { plan, checklist, verdicts: makeVerdicts(checklist, { failed }) }
}
