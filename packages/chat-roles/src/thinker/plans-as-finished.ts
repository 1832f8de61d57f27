import type { Plan, PlanRequest, PlanResult } from '@dda-thinker/plugin-api'
import { asFinished } from './as-finished.ts'

/** Has plans written side by side, and gives them, or why there is none, as they come; an early end stops what is under way. */
export async function* plansAsFinished(
  requests: readonly PlanRequest[],
  options: { readonly limit: number; readonly signal: AbortSignal },
  planOne: (request: PlanRequest, signal: AbortSignal) => Promise<Plan>,
): AsyncGenerator<PlanResult> {
  const { limit, signal } = options
  signal.throwIfAborted()
  const scope = new AbortController()
  const onAbort = (): void => scope.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    yield* asFinished(requests, { limit, stop: () => scope.abort() }, async (request): Promise<PlanResult> => {
      try {
        return { id: request.id, plan: await planOne(request, scope.signal) }
      } catch (error) {
        return { id: request.id, error }
      }
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
