import { type Plan, planProblem, type PlanRequest, type PlanResult } from '@dda-thinker/plugin-api'
import type { Call } from '../context/abort-scope.ts'
import type { EngineContext, RolloutRequest } from '../context/engine-context.ts'
import { withinPromptLimit } from '../context/prompt-limit.ts'
import { ResultCache } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** One request's plan, or the error that masks it; beside it what the Thinker made, before a hook changed or refused it. */
export type Planned = { readonly request: RolloutRequest; readonly made?: Plan } & (
  | { readonly plan: Plan }
  | { readonly error: unknown }
)

/**
 * plan: asks the Thinker for a batch and yields each result as it arrives, in any order, exactly one a request. The
 * deadline runs from plan to plan: a Thinker that yields nothing for so long is given up and what is open fails.
 */
export async function* planStage(context: EngineContext, batch: readonly RolloutRequest[]): AsyncIterable<Planned> {
  const missing: RolloutRequest[] = []
  for (const request of batch) {
    const plan = request.plan ?? (await keptPlan(context, request))
    if (plan !== undefined) yield await taken(context, request, { id: request.id, plan })
    else if (context.thinker.cacheable === true && context.cache.replay)
      yield { request, error: ResultCache.miss(planKey(context, request)) }
    else missing.push(request)
  }
  if (missing.length > 0) yield* askThinker(context, missing)
}

/** What is kept of a plan: everything but what it was asked for. */
type KeptPlan = Omit<Plan, 'id' | 'sampleId' | 'seed'>

async function keptPlan(context: EngineContext, request: RolloutRequest): Promise<Plan | undefined> {
  if (context.thinker.cacheable !== true) return undefined
  const kept = await context.cache.find(planKey(context, request))
  const value = kept?.value as Partial<KeptPlan> | null | undefined
  // Anything else (a spoiled disk, another program) is asked for again.
  if (typeof value?.text !== 'string' || value.format === undefined) return undefined
  context.stats.plans.reused += 1
  return { id: request.id, sampleId: request.sample.id, ...(value as KeptPlan), seed: request.planSeed }
}

function planKey({ thinker }: EngineContext, { sample, planSeed, temperature }: RolloutRequest): string {
  const sources = sample.images.map((image) => image.hash)
  return ResultCache.key(['plan', 1, thinker.fingerprint, sources, sample.instruction, planSeed, temperature ?? null])
}

async function keep(context: EngineContext, request: RolloutRequest, plan: Plan): Promise<void> {
  if (context.thinker.cacheable !== true || problemOf(request, plan) !== undefined) return
  const { id: _id, sampleId: _sampleId, seed: _seed, ...kept } = plan
  await context.cache.keep(planKey(context, request), kept satisfies KeptPlan)
}

async function* askThinker(context: EngineContext, batch: readonly RolloutRequest[]): AsyncIterable<Planned> {
  const open = new Map(batch.map((request) => [request.id, request]))
  const call = context.scope.child()
  let failure: unknown
  try {
    context.ledger.reserve('plan')
    const plans = context.thinker.plan(batch.map(planRequest), call)
    const iterator = plans[Symbol.asyncIterator]()
    try {
      while (open.size > 0) {
        const next = await nextPlan(context, iterator, call)
        if (next.done === true) break
        const request = open.get(next.value.id)
        if (request === undefined) {
          context.assembly.log.warn(`${context.thinkerPlugin} answered "${next.value.id}", which is not open; ignored`)
          continue
        }
        open.delete(request.id)
        if ('plan' in next.value) {
          context.stats.plans.made += 1
          await context.ledger.result('plan', context.thinkerPlugin)
          await keep(context, request, next.value.plan)
        }
        yield await taken(context, request, next.value)
      }
    } finally {
      // Not awaited: an iterator that hangs in its last step must not hang the run.
      iterator.return?.().catch(() => undefined)
    }
  } catch (error) {
    failure = error
  } finally {
    context.scope.forget(call)
  }
  for (const request of open.values()) {
    const missing = () =>
      errors.make(
        'DDA_THINKER_INCOMPLETE',
        { plugin: context.thinkerPlugin, sample: request.sample.id },
        { kind: 'bad-output', plugin: context.thinkerPlugin, stage: 'plan', sampleId: request.sample.id },
      )
    yield { request, error: failure ?? missing() }
  }
}

export function planRequest(request: RolloutRequest): PlanRequest {
  const { id, images, instruction } = request.sample
  return {
    id: request.id,
    // A fresh object: neither the reference nor the checklist is within the Thinker's reach.
    input: { id, images, instruction },
    seed: request.planSeed,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  }
}

function nextPlan(
  { assembly, thinkerPlugin }: EngineContext,
  iterator: AsyncIterator<PlanResult>,
  call: Call,
): Promise<IteratorResult<PlanResult>> {
  const { plan: seconds } = assembly.config.engine.deadline
  const what = `A plan by ${thinkerPlugin}`
  return call.within({ seconds, code: 'DDA_DEADLINE_PLAN', what, stage: 'plan' }, () => iterator.next())
}

/** What came of a request, checked, and through the hook. */
export async function taken(context: EngineContext, request: RolloutRequest, result: PlanResult): Promise<Planned> {
  if ('error' in result) return { request, error: result.error }
  const made = result.plan
  try {
    checkPlan(context, request, made)
    const info = { step: request.step, sample: request.sample, rolloutId: request.id }
    const read = withinPromptLimit(context, made)
    const plan = await context.assembly.call('plan', read, info)
    if (plan === read) return { request, made, plan }
    checkPlan(context, request, plan)
    return { request, made, plan: withinPromptLimit(context, plan) }
  } catch (error) {
    return { request, made, error }
  }
}

function checkPlan(context: EngineContext, request: RolloutRequest, plan: Plan): void {
  const problem = problemOf(request, plan)
  if (problem === undefined) return
  throw errors.make(
    'DDA_THINKER_BAD_OUTPUT',
    { sample: request.sample.id, problem },
    { kind: 'bad-output', plugin: context.thinkerPlugin, stage: 'plan', sampleId: request.sample.id },
  )
}

function problemOf({ id, sample }: RolloutRequest, plan: Plan): string | undefined {
  return planProblem(plan, { id, sampleId: sample.id })
}
