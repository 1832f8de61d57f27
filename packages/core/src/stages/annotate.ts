import { type Sample, sampleProblem, type SynthesisContext, type Synthesizer } from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import { invalidSample } from './synthesize.ts'

/**
 * annotate: samples through a synthesizer that adds reference and checklist. It may change nothing else, and loses none.
 *
 * @throws DdaError `DDA_SAMPLE_INVALID` naming the plugin, the sample and what is wrong
 */
export async function* annotateStage(
  assembly: Assembly,
  annotator: Synthesizer,
  samples: AsyncIterable<Sample>,
  context: SynthesisContext,
): AsyncIterable<Sample> {
  const plugin = assembly.providerOf(annotator)
  const waiting: Sample[] = []
  const given = remembered(samples, waiting)
  for await (const sample of annotator.annotate?.(given, context) ?? []) {
    const before = waiting.shift()
    const problem = before === undefined ? 'it came from nowhere' : (sampleProblem(sample) ?? changed(before, sample))
    if (problem !== undefined) throw invalidSample(plugin, sample.id, problem)
    yield sample
  }
  const [lost] = waiting
  if (lost !== undefined) throw invalidSample(plugin, lost.id, 'it did not come back')
}

async function* remembered(samples: AsyncIterable<Sample>, waiting: Sample[]): AsyncIterable<Sample> {
  for await (const sample of samples) {
    waiting.push(sample)
    yield sample
  }
}

/** What makes it another sample than it was. */
function changed(before: Sample, after: Sample): string | undefined {
  if (before.id !== after.id) return `it came in the place of "${before.id}"`
  for (const key of ['instruction', 'split', 'category'] as const) {
    if (before[key] !== after[key]) return `its ${key} was changed`
  }
  const hashes = (sample: Sample): string => sample.images.map(({ hash }) => hash).join(' ')
  return hashes(before) === hashes(after) ? undefined : 'its pictures were changed'
}
