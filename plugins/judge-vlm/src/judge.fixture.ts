import type { ChecklistItem, ImageRef, ImageStore, Judge, JudgeRequest, Scope, Verdict } from '@dda-thinker/plugin-api'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import { vlmJudge, type JudgeOptions } from './index.ts'

export const MODEL = 'stand-in-vlm'

export interface Bench {
  readonly judge: Judge
  readonly server: StandIn
  readonly images: ImageStore
  readonly source: ImageRef
  readonly warnings: readonly string[]
  readonly edited: ImageRef
  readonly ask: (request: JudgeRequest, signal?: AbortSignal) => Promise<readonly Verdict[]>
  readonly visual: (...questions: readonly string[]) => JudgeRequest
}

/** A judge before a server over real sockets, both closed after use. */
export async function withJudge(
  options: Partial<JudgeOptions>,
  server: StandInOptions,
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const standIn = await startStandIn(server)
  const judge = vlmJudge({ endpoint: standIn.url, model: MODEL, retryDelaySeconds: 0.001, ...options })
  const warnings: string[] = []
  const quiet = (): void => undefined
  const context = makeContext({ log: { debug: quiet, info: quiet, warn: (line) => void warnings.push(line) } })
  const source = await context.images.put(makePng({ width: 8, height: 8 }))
  const edited = await context.images.put(makePng({ width: 8, height: 8, pixel: () => [9, 9, 9] }))
  try {
    await judge.open?.(context)
    await use({
      judge,
      server: standIn,
      images: context.images,
      source,
      warnings,
      edited,
      ask: (request, signal = new AbortController().signal) => judge.judge(request, { signal }),
      visual: (...questions) => ({ scope: 'visual', source: [source], edited, items: itemsOf('visual', questions) }),
    })
  } finally {
    await judge.close?.()
    await standIn.close()
  }
}

export function itemsOf(scope: Scope, questions: readonly string[]): readonly ChecklistItem[] {
  return questions.map((question, i) => ({ id: `the-id-${i}`, scope, question, expected: 'yes' }))
}

export function cognitive(plan: string, ...questions: readonly string[]): JudgeRequest {
  return { scope: 'cognitive', instruction: 'Show it a month later.', plan, items: itemsOf('cognitive', questions) }
}
