import type { CurationContext, CurationDecision, Curator, Sample } from '@dda-thinker/plugin-api'
import { orderCurriculum, spread } from './curriculum.ts'
import { measure } from './measure.ts'
import type { DifficultyOptions } from './options.ts'

/** Why a sample is kept or dropped; few and fixed, so that they can be counted. */
export const REASONS = {
  kept: 'within the band',
  heldOut: 'held out, passed through untried',
  failed: 'every rollout failed, so nothing was measured',
  hard: 'too hard: mean reward below minMean',
  easy: 'too easy: mean reward above maxMean',
  flat: 'no spread: rewards differ by less than minStd',
  surplus: 'over perSubtask',
} as const

/**
 * Difficulty filter by rollouts of the policy itself. Keeps samples with a mean reward in a band (EasyR1's online filter) and
 * a spread of rewards that leaves something to learn from (Edit-R1 drops a standard deviation below 0.05).
 */
export function difficultyCurator(options: DifficultyOptions): Curator {
  return {
    async *curate(samples, context) {
      const learnable: Sample[] = []
      const heldOut: Sample[] = []
      for await (const window of windows(samples, options.window)) {
        context.signal.throwIfAborted()
        heldOut.push(...window.filter(({ split }) => split === 'held-out'))
        for (const decision of await tryAll(window, options, context)) {
          // A dropped sample is decided at once; the order of the kept ones is known only at the end.
          if (decision.kept) learnable.push(decision.sample)
          else yield decision
        }
      }
      const chosen = spread(learnable, options.perSubtask ?? learnable.length)
      for (const sample of learnable) {
        if (!chosen.has(sample.id)) yield { sample, kept: false, reason: REASONS.surplus }
      }
      for (const sample of orderCurriculum(learnable.filter(({ id }) => chosen.has(id)))) {
        yield { sample, kept: true, reason: REASONS.kept }
      }
      for (const sample of heldOut) yield { sample, kept: true, reason: REASONS.heldOut }
    },
  }
}

/** A whole window is asked for at once: its rollouts go to the policy as one batch. */
async function tryAll(
  window: readonly Sample[],
  options: DifficultyOptions,
  context: CurationContext,
): Promise<readonly CurationDecision[]> {
  return Promise.all(
    window
      .filter(({ split }) => split === 'train')
      .map(async (sample) => {
        const difficulty = measure(sample, await context.tryRollouts(sample, options.rollouts))
        if (difficulty === undefined) return { sample, kept: false, reason: REASONS.failed }
        const problem = problemOf(difficulty, options)
        return { sample: { ...sample, difficulty }, kept: problem === undefined, reason: problem ?? REASONS.kept }
      }),
  )
}

function problemOf({ mean, std }: { mean: number; std: number }, options: DifficultyOptions): string | undefined {
  if (options.minMean !== undefined && mean < options.minMean) return REASONS.hard
  if (options.maxMean !== undefined && mean > options.maxMean) return REASONS.easy
  return std < options.minStd ? REASONS.flat : undefined
}

async function* windows(samples: AsyncIterable<Sample>, size: number): AsyncIterable<Sample[]> {
  let window: Sample[] = []
  for await (const sample of samples) {
    window.push(sample)
    if (window.length < size) continue
    yield window
    window = []
  }
  if (window.length > 0) yield window
}
