import type { CurationDecision, Curator } from '@dda-thinker/plugin-api'
import { curatorSuite } from './curator-suite.ts'
import { catches } from './meta.fixture.ts'

/** Tries every sample four times and keeps what is neither always solved nor never. */
function fitting(): Curator {
  return {
    async *curate(samples, context) {
      for await (const sample of samples) {
        context.signal.throwIfAborted()
        const totals = (await context.tryRollouts(sample, 4)).flatMap(({ reward }) =>
          reward === undefined ? [] : [reward.total],
        )
        if (totals.length === 0) {
          yield { sample, kept: false, reason: 'all rollouts failed' }
          continue
        }
        const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length
        const solved = totals.filter((total) => total === 1).length / totals.length
        const difficulty = { rollouts: totals.length, mean, std: 0, solved }
        yield { sample: { ...sample, difficulty }, kept: solved > 0 && solved < 1, reason: `solved ${solved}` }
      }
    },
  }
}

const changed =
  (change: (decision: CurationDecision) => CurationDecision | undefined) =>
  (role: Curator): Curator => ({
    ...role,
    async *curate(samples, context) {
      for await (const decision of role.curate(samples, context)) {
        const result = change(decision)
        if (result !== undefined) yield result
      }
    },
  })
let calls = 0

catches<Curator>({
  honest: fitting,
  register: (test, factory) => curatorSuite({ test, factory }),
  sabotaged: [
    [/exactly once/, changed((decision) => (decision.kept ? decision : undefined))],
    [/exactly once/, changed((decision) => ({ ...decision, reason: ' ' }))],
    [/exactly once/, changed((decision) => ({ ...decision, sample: { ...decision.sample, instruction: 'Why?' } }))],
    [/same decisions/, changed((decision) => ({ ...decision, reason: `${calls++}` }))],
    [
      /all failed/,
      changed((decision) => ({
        ...decision,
        sample: { ...decision.sample, difficulty: { rollouts: 4, mean: 0, std: 0, solved: 0 } },
      })),
    ],
    [
      /comes through/,
      (role) => ({
        ...role,
        curate: (samples, context) =>
          role.curate(samples, {
            ...context,
            tryRollouts: (sample, count) => context.tryRollouts(sample, count).catch(() => []),
          }),
      }),
    ],
    [
      /aborted already/,
      (role) => ({
        ...role,
        curate: (samples, context) => role.curate(samples, { ...context, signal: new AbortController().signal }),
      }),
    ],
  ],
})
