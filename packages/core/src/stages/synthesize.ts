import {
  type DdaError,
  DigestSet,
  picturesOf,
  type Sample,
  sampleProblem,
  type SynthesisContext,
  type SynthesisRequest,
  SYNTHESIZERS,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import type { ContentStore } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/**
 * synthesize: the samples of every synthesizer of the config, one after the other, each checked and passed through the
 * hook.
 *
 * @throws DdaError `DDA_SAMPLE_INVALID` naming the plugin, the sample and what is wrong
 */
export async function* synthesizeStage(
  assembly: Assembly,
  request: SynthesisRequest,
  context: SynthesisContext & { readonly images: ContentStore },
): AsyncIterable<Sample> {
  const ids = new DigestSet()
  for (const synthesizer of assembly.all(SYNTHESIZERS)) {
    const plugin = assembly.providerOf(synthesizer)
    for await (const made of synthesizer.synthesize(request, context)) {
      const sample = await assembly.call('synthesize', made, { step: 0 })
      const problem =
        sampleProblem(sample) ??
        (ids.has(sample.id) ? 'its id is taken by an earlier sample' : await missingImage(sample, context.images))
      if (problem !== undefined) throw invalidSample(plugin, String((sample as Sample | null)?.id), problem)
      ids.add(sample.id)
      yield sample
    }
  }
}

async function missingImage(sample: Sample, images: ContentStore): Promise<string | undefined> {
  for (const image of picturesOf(sample)) {
    if (!(await images.has(image))) return `its image ${image.hash} is not in the store`
  }
  return undefined
}

export function invalidSample(plugin: string, sampleId: string, problem: string): DdaError {
  return errors.make(
    'DDA_SAMPLE_INVALID',
    { plugin, sample: sampleId, problem },
    { plugin, stage: 'synthesize', sampleId },
  )
}
