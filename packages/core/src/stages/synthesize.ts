import {
  type DdaError,
  DigestSet,
  type ImageRef,
  type Sample,
  SCOPES,
  type SynthesisContext,
  type SynthesisRequest,
  SYNTHESIZERS,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import { type ContentStore, isStoredImage } from '@dda-thinker/store'
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
      const problem = ids.has(sample.id)
        ? 'its id is taken by an earlier sample'
        : (sampleProblem(sample) ?? (await missingImage(sample, context.images)))
      if (problem !== undefined) throw invalidSample(plugin, sample.id, problem)
      ids.add(sample.id)
      yield sample
    }
  }
}

/** What makes a sample unusable, in words; `undefined` for a sound one. Types are not checked again. */
export function sampleProblem(sample: Sample): string | undefined {
  if (typeof sample.id !== 'string' || sample.id === '') return 'it has no id'
  if (sample.images.length === 0) return 'it has no source image'
  const stray = picturesOf(sample).find((image) => !isStoredImage(image))
  if (stray !== undefined) return `its image ${JSON.stringify(stray).slice(0, 160)} is no reference to a picture`
  if (sample.instruction.trim() === '') return 'it has no instruction'
  if (sample.split !== 'train' && sample.split !== 'held-out') return `its split is "${String(sample.split)}"`
  const items = new Set<string>()
  for (const item of sample.checklist) {
    if (items.has(item.id)) return `two checklist items have the id "${item.id}"`
    if (!SCOPES.includes(item.scope)) return `item "${item.id}" has the scope "${item.scope as string}"`
    if (item.expected !== 'yes' && item.expected !== 'no') return `item "${item.id}" expects "${String(item.expected)}"`
    if (item.weight !== undefined && !(item.weight > 0)) return `item "${item.id}" has the weight ${item.weight}`
    if (item.check !== undefined && typeof item.check.kind !== 'string')
      return `item "${item.id}" has a check without a kind`
    items.add(item.id)
  }
  return undefined
}

/** All pictures that a sample names: its sources, and its reference where it has one. */
export function picturesOf({ images, referenceImage }: Sample): readonly ImageRef[] {
  return referenceImage === undefined ? images : [...images, referenceImage]
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
