import type { CurationContext, Curator, Difficulty, Sample } from '@dda-thinker/plugin-api'
import { decideOrder, outOfBand, REASONS } from './band.ts'
import { measure } from './measure.ts'
import { MeasuredColumns, stratumOf } from './measured.ts'
import type { DifficultyOptions } from './options.ts'

/**
 * Difficulty filter by rollouts of the policy itself. Keeps samples with a mean reward and a pass rate in a band (EasyR1's online filter)
 * and a spread of rewards that leaves something to learn from (Edit-R1 drops a standard deviation below 0.05). Holds a window of
 * samples, and of those that may be kept what their order depends on.
 */
export function difficultyCurator(options: DifficultyOptions): Curator {
  return {
    async *curate(samples, context) {
      const learnable = new MeasuredColumns()
      for await (const window of windows(samples, options.window)) {
        context.signal.throwIfAborted()
        for (const sample of window) {
          if (sample.split === 'held-out') yield { sample, kept: true, reason: REASONS.heldOut }
        }
        for (const { sample, difficulty } of await tryAll(window, options, context)) {
          // A dropped sample is decided at once; the order of the kept ones is known only at the end.
          const reason = outOfBand(difficulty, options)
          if (reason !== undefined) {
            yield { sample, kept: false, reason }
            continue
          }
          const ticket = await context.shelf.put(sample)
          learnable.add({
            id: sample.id,
            mean: difficulty?.mean ?? 0,
            ticket,
            stratum: stratumOf(sample, options.strata),
          })
        }
      }
      for (const { place, kept, reason } of decideOrder(learnable, options, context.seed)) {
        yield { sample: await context.shelf.take(learnable.ticket(place)), kept, reason }
      }
    },
  }
}

interface Tried {
  /** With its difficulty, where it was measured. */
  readonly sample: Sample
  readonly difficulty: Difficulty | undefined
}

/** A whole window is asked for at once: its rollouts go to the policy as one batch. */
async function tryAll(
  window: readonly Sample[],
  options: DifficultyOptions,
  context: CurationContext,
): Promise<readonly Tried[]> {
  return Promise.all(
    window
      .filter(({ split }) => split === 'train')
      .map(async (sample) => {
        const difficulty = measure(sample, await context.tryRollouts(sample, options.rollouts))
        return { sample: difficulty === undefined ? sample : { ...sample, difficulty }, difficulty }
      }),
  )
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
