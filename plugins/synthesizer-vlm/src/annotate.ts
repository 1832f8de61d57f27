import { deriveSeed, type Sample, type SynthesisContext } from '@dda-thinker/plugin-api'
import type { Asker } from './ask.ts'
import { describe } from './describe.ts'
import type { Funnel } from './funnel.ts'
import type { Settings } from './settings.ts'

/** Samples in their order, those without a checklist with one where it could be made; `batch` of them together. */
export async function* annotateSamples(
  samples: AsyncIterable<Sample>,
  given: {
    readonly asker: Asker
    readonly funnel: Funnel
    readonly settings: Settings
    readonly context: SynthesisContext
  },
): AsyncIterable<Sample> {
  const { settings, context } = given
  let batch: Sample[] = []
  for await (const sample of samples) {
    context.signal.throwIfAborted()
    batch.push(sample)
    if (batch.length < settings.batch) continue
    yield* await annotateBatch(batch, given)
    batch = []
  }
  yield* await annotateBatch(batch, given)
}

async function annotateBatch(
  samples: readonly Sample[],
  { asker, funnel, settings, context }: Parameters<typeof annotateSamples>[1],
): Promise<readonly Sample[]> {
  const results = await Promise.allSettled(
    samples.map(async (sample) => {
      if (sample.checklist.length > 0) return sample
      const { id: where, images, instruction, reference, provenance } = sample
      funnel.begin()
      const task = { where, images, instruction, reference, seed: deriveSeed(context.seed, 'annotate', where) }
      const described = await describe(task, asker, settings, (proposed, dropped) =>
        funnel.dropItems(where, proposed, dropped),
      )
      funnel.keep(described.checklist)
      return {
        ...sample,
        reference: described.reference,
        checklist: described.checklist,
        provenance: { ...provenance, facts: { ...provenance.facts, ...described.facts } },
      }
    }),
  )
  const annotated: Sample[] = []
  for (const [i, result] of results.entries()) {
    const sample = samples[i]
    if (result.status === 'fulfilled') annotated.push(result.value)
    else if (sample !== undefined) {
      await funnel.drop(sample.id, result.reason)
      annotated.push(sample)
    }
  }
  return annotated
}
