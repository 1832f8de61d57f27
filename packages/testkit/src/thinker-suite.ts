import assert from 'node:assert/strict'
import type { ImageStore, Plan, PlanRequest, PlanResult, Thinker, ThinkerInput } from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext } from './fakes/index.ts'
import { assertFingerprint, collect, stopsWhenAborted, testDiagnosis, withRole, type SuiteOptions } from './harness.ts'

export interface ThinkerSuiteOptions extends SuiteOptions<Thinker> {
  /** Stores pictures and gives at least two inputs that the Thinker can plan for. */
  readonly inputs: (images: ImageStore) => Promise<readonly ThinkerInput[]>
  /** Does the same request, seed included, always give the same plan, whatever is asked beside it? Default true. */
  readonly deterministic?: boolean
}

/** Registers the conformance tests of a Thinker. */
export function thinkerSuite(options: ThinkerSuiteOptions): void {
  const { test, factory, deterministic = true } = options

  const each = async (check: (thinker: Thinker, inputs: readonly ThinkerInput[]) => Promise<void>): Promise<void> => {
    const context = makeContext()
    const inputs = deepFreeze(await options.inputs(context.images))
    assert.ok(inputs.length > 1, 'the suite needs two inputs')
    await withRole(factory(), context, (thinker) => check(thinker, inputs))
  }

  testDiagnosis(options)

  test('gives every request exactly one plan, well made, and leaves its input alone', () =>
    each(async (thinker, inputs) => {
      await each(async (other) => assertFingerprint([thinker.fingerprint, other.fingerprint]))
      const requests = requestsFor(inputs, 2)
      const plans = await planAll(thinker, requests)
      for (const request of requests) checkPlan(plans.get(request.id) as Plan, request, thinker.fingerprint)
    }))

  test('asked for nothing it gives nothing', () =>
    each(async (thinker) => {
      assert.deepEqual(await collect(thinker.plan([], { signal: new AbortController().signal })), [])
    }))

  if (deterministic) {
    test('the same requests give the same plans, one by one or together, and in a fresh instance', () =>
      each(async (thinker, inputs) => {
        const requests = requestsFor(inputs, 2)
        const together = await planAll(thinker, requests)
        await each(async (other) => {
          for (const request of requests.toReversed()) {
            const alone = (await planAll(other, [request])).get(request.id)
            assert.equal(alone?.text, together.get(request.id)?.text, `plan of ${request.id}`)
          }
        })
      }))

    test('greedy plans do not depend on the seed', () =>
      each(async (thinker, inputs) => {
        const greedy = (seed: number): PlanRequest[] =>
          inputs.map((input) => ({ id: `greedy-${input.id}-${seed}`, input, seed, temperature: 0 }))
        const [a, b] = [await planAll(thinker, greedy(1)), await planAll(thinker, greedy(2))]
        for (const { id } of inputs) assert.equal(a.get(`greedy-${id}-1`)?.text, b.get(`greedy-${id}-2`)?.text)
      }))
  }

  test('stops early when nobody listens any more, and works on', () =>
    each(async (thinker, inputs) => {
      const requests = requestsFor(inputs, 2)
      for await (const result of thinker.plan(requests, { signal: new AbortController().signal })) {
        assert.ok('plan' in result || 'error' in result)
        break
      }
      assert.equal((await planAll(thinker, requests)).size, requests.length)
    }))

  test('does not plan when its signal is aborted already', () =>
    each((thinker, inputs) =>
      stopsWhenAborted(async (signal) => {
        const results = await collect(thinker.plan(requestsFor(inputs, 1), { signal }))
        for (const result of results) if ('error' in result) throw result.error
        return results
      }),
    ))

  test('closes twice', () =>
    each(async (thinker) => {
      await thinker.close?.()
    }))
}

/** Requests with distinct ids and seeds, `copies` for each input. */
export function requestsFor(inputs: readonly ThinkerInput[], copies: number, firstSeed = 1): PlanRequest[] {
  return inputs.flatMap((input, i) =>
    Array.from({ length: copies }, (_, copy) => {
      const seed = firstSeed + i * copies + copy
      return deepFreeze({ id: `plan-${input.id}-${seed}`, input, seed })
    }),
  )
}

/** Plans by request id. Fails where a request got no result, two results or an error. */
export async function planAll(thinker: Thinker, requests: readonly PlanRequest[]): Promise<Map<string, Plan>> {
  const results: PlanResult[] = await collect(thinker.plan(requests, { signal: new AbortController().signal }))
  assert.deepEqual(idsOf(results), idsOf(requests), 'every request gets exactly one result')
  return new Map(
    results.map((result) => {
      if ('error' in result) throw result.error
      return [result.id, result.plan]
    }),
  )
}

function checkPlan(plan: Plan, request: PlanRequest, fingerprint: string): void {
  assert.equal(plan.id, request.id, 'the plan has the id of its request')
  assert.equal(plan.sampleId, request.input.id)
  assert.equal(plan.seed, request.seed)
  assert.equal(plan.thinker, fingerprint, 'a plan names its Thinker by fingerprint')
  assert.ok(plan.text.includes(plan.executable), 'the executable plan is a part of the text')
  assert.ok(plan.text.includes(plan.reasoning), 'the reasoning is a part of the text')
  assert.ok(plan.format.ok || plan.format.problem.length > 0, 'a format failure says what is wrong')
  assert.ok(Number.isInteger(plan.policyVersion) && plan.policyVersion >= 0, 'policyVersion counts updates')
  if (plan.tokens !== undefined) checkTokens(plan, plan.tokens)
}

function checkTokens(plan: Plan, { ids, logProbs, values, ends }: NonNullable<Plan['tokens']>): void {
  assert.ok(ids.length > 0, 'a token trace has tokens')
  for (const list of [logProbs, ends, values ?? ids]) assert.equal(list.length, ids.length, 'one entry for each token')
  assert.ok(
    logProbs.every((logProb) => Number.isFinite(logProb) && logProb <= 1e-6),
    'log-probabilities are at most 0',
  )
  assert.ok((values ?? []).every(Number.isFinite), 'values are finite')
  assert.ok(
    ends.every((end, i) => Number.isInteger(end) && end >= (ends[i - 1] ?? 0)),
    'token ends ascend',
  )
  assert.ok((ends.at(-1) ?? 0) <= plan.text.length, 'token ends lie in the text')
}

function idsOf(list: readonly { readonly id: string }[]): readonly string[] {
  return list.map(({ id }) => id).toSorted()
}
