import type { Plan, PlanRequest, Thinker } from '@dda-thinker/plugin-api'

const FINGERPRINT = 'none'

/**
 * The Thinker that does not think: the plan is the instruction, word for word. Every evaluation has it as its baseline, for
 * what an Editor makes of an instruction by itself.
 */
export function passThrough(): Thinker {
  return {
    fingerprint: FINGERPRINT,
    async *plan(requests, { signal }) {
      for (const request of requests) {
        signal.throwIfAborted()
        yield { id: request.id, plan: planOf(request) }
      }
    },
  }
}

function planOf({ id, input, seed }: PlanRequest): Plan {
  const { instruction } = input
  return {
    id,
    sampleId: input.id,
    text: instruction,
    reasoning: '',
    executable: instruction,
    format: { ok: true },
    thinker: FINGERPRINT,
    policyVersion: 0,
    seed,
  }
}
