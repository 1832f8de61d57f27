import type { Plan, PlanResult, Thinker } from '@dda-thinker/plugin-api'
import { makePlan, seededRandom } from './fakes/index.ts'
import { catches } from './meta.fixture.ts'
import { thinkerSuite } from './thinker-suite.ts'

/** Repeats the instruction, with a number that the seed decides unless it is greedy. */
function parrot(): Thinker {
  return {
    fingerprint: 'parrot',
    async *plan(requests, { signal }) {
      for (const { id, input, seed, temperature } of requests) {
        signal.throwIfAborted()
        const roll = temperature === 0 ? 0 : Math.floor(seededRandom(seed)() * 10)
        const text = `Hm. Plan: ${input.instruction} ${roll}`
        const tokens = { ids: [1, 2], logProbs: [-1, -0.5], ends: [4, text.length] }
        yield { id, plan: makePlan(text, { id, sampleId: input.id, seed, thinker: 'parrot', tokens }) }
      }
    },
  }
}

const eachPlan =
  (change: (plan: Plan) => Plan) =>
  (thinker: Thinker): Thinker => ({
    ...thinker,
    async *plan(requests, options) {
      for await (const result of thinker.plan(requests, options)) {
        yield 'plan' in result ? { ...result, plan: change(result.plan) } : result
      }
    },
  })
const stream =
  (change: (results: PlanResult[]) => PlanResult[]) =>
  (thinker: Thinker): Thinker => ({
    ...thinker,
    async *plan(requests, options) {
      const results: PlanResult[] = []
      for await (const result of thinker.plan(requests, options)) results.push(result)
      yield* change(results)
    },
  })
let calls = 0

catches<Thinker>({
  honest: parrot,
  register: (test, factory) =>
    thinkerSuite({
      test,
      factory,
      inputs: async () => ['rain', 'a month'].map((instruction) => ({ id: instruction, images: [], instruction })),
    }),
  sabotaged: [
    [/exactly one plan/, stream((results) => results.slice(1))],
    [/exactly one plan/, stream((results) => [...results, ...results])],
    [/exactly one plan/, stream((results) => results.map(({ id }) => ({ id, error: new Error('no') })))],
    [/exactly one plan/, eachPlan((plan) => ({ ...plan, executable: 'something else' }))],
    [/exactly one plan/, eachPlan((plan) => ({ ...plan, thinker: 'somebody' }))],
    [/exactly one plan/, eachPlan((plan) => ({ ...plan, tokens: { ids: [1, 2], logProbs: [0.5, -1], ends: [1, 2] } }))],
    [/exactly one plan/, eachPlan((plan) => ({ ...plan, tokens: { ids: [1, 2], logProbs: [-1, -1], ends: [9, 2] } }))],
    [/same plans/, eachPlan((plan) => ({ ...plan, text: `${plan.text}${calls++}` }))],
    [/do not depend on the seed/, eachPlan((plan) => ({ ...plan, text: `${plan.text} ${plan.seed}` }))],
    [
      /aborted already/,
      (thinker) => ({
        ...thinker,
        plan: (requests) => thinker.plan(requests, { signal: new AbortController().signal }),
      }),
    ],
  ],
})
