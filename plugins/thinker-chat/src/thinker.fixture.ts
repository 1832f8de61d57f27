import type { Plan, PlanRequest, PlanResult, Thinker, ThinkerInput } from '@dda-thinker/plugin-api'
import { collect, makeContext, makePng } from '@dda-thinker/testkit'
import { startStandIn, type StandIn, type StandInOptions } from './stand-in-server.ts'
import { chatThinker, type ThinkerOptions } from './index.ts'

export const MODEL = 'stand-in-vlm'

export interface Bench {
  readonly thinker: Thinker
  readonly server: StandIn
  readonly input: ThinkerInput
  readonly log: readonly string[]
  readonly results: (requests: readonly Partial<PlanRequest>[], signal?: AbortSignal) => Promise<readonly PlanResult[]>
  /** One plan; throws its failure. */
  readonly plan: (request?: Partial<PlanRequest>) => Promise<Plan>
}

/** A Thinker before a server over real sockets, both closed after use. */
export async function withThinker(
  options: Partial<ThinkerOptions>,
  server: StandInOptions,
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const standIn = await startStandIn(server)
  const thinker = chatThinker({ endpoint: standIn.url, model: MODEL, retryDelaySeconds: 0.001, ...options })
  const log: string[] = []
  const keep = (line: string): void => void log.push(line)
  const context = makeContext({ log: { debug: keep, info: keep, warn: keep } })
  const image = await context.images.put(makePng({ width: 8, height: 8 }))
  const input: ThinkerInput = { id: 'sample-1', images: [image], instruction: 'Show it a month later.' }
  const results: Bench['results'] = (requests, signal = new AbortController().signal) =>
    collect(
      thinker.plan(
        requests.map((given, i) => ({ id: `plan-${i}`, input, seed: 7 + i, ...given })),
        { signal },
      ),
    )
  try {
    await thinker.open?.(context)
    await use({
      thinker,
      server: standIn,
      input,
      log,
      results,
      plan: async (request = {}) => {
        const [result] = await results([request])
        if (result === undefined) throw new Error('no result')
        if ('error' in result) throw result.error
        return result.plan
      },
    })
  } finally {
    await thinker.close?.()
    await standIn.close()
  }
}
