import { DdaError, type ImageRef, type ImageStore, type ThinkerInput } from '@dda-thinker/plugin-api'
import type { PolicyConfig } from '../policy/config.ts'
import { PatchCache } from '../policy/patches.ts'
import type { Tokenizer } from '../policy/tokenizer.ts'
import { END_ID } from '../policy/vocabulary.ts'

/** What the network sees of a sample. */
export interface EncodedInput {
  readonly prompt: readonly number[]
  /** Bytes of all patches; undefined for a sample without an image. */
  readonly image: Uint8Array | undefined
}

/** Samples and plan texts to numbers, and refusals of what does not fit. */
export class Encoder {
  private readonly config: PolicyConfig
  private readonly tokenizer: Tokenizer
  private readonly images: ImageStore
  private readonly patches: PatchCache

  constructor(config: PolicyConfig, tokenizer: Tokenizer, images: ImageStore) {
    this.config = config
    this.tokenizer = tokenizer
    this.images = images
    this.patches = new PatchCache(config.image)
  }

  /** @throws DdaError of kind `bad-input`: `DDA_TRAINER_PROMPT_LONG`, `DDA_TRAINER_IMAGES`, `DDA_IMAGE_INVALID` */
  async input(input: ThinkerInput): Promise<EncodedInput> {
    const { maxPrompt } = this.config
    const encoded = this.tokenizer.encode(input.instruction)
    const prompt = encoded.length === 0 ? [this.tokenizer.vocabulary.unknownId] : encoded
    if (prompt.length > maxPrompt) {
      throw refusal(
        'DDA_TRAINER_PROMPT_LONG',
        `the instruction of sample ${input.id} has ${prompt.length} tokens, the policy reads ${maxPrompt}`,
        'Raise policy.maxPrompt, or build a vocabulary that knows the words of these instructions.',
        input.id,
      )
    }
    const [image, ...others] = input.images
    if (others.length > 0) {
      throw refusal(
        'DDA_TRAINER_IMAGES',
        `sample ${input.id} has ${input.images.length} images, the embedded policy reads one`,
        'Use samples with one source image, or another trainer.',
        input.id,
      )
    }
    const patches = image && (await this.picture(image))
    return { prompt, image: patches }
  }

  /** Patches of a picture. @throws DdaError `DDA_IMAGE_INVALID` */
  picture(image: ImageRef): Promise<Uint8Array> {
    return this.patches.get(image.hash, () => this.images.get(image))
  }

  /** Tokens of a plan to imitate, its end included. @throws DdaError `DDA_TRAINER_PLAN_LONG` of kind `bad-input` */
  plan(text: string, sampleId: string): number[] {
    const tokens = [...this.tokenizer.encode(text), END_ID]
    if (tokens.length > this.config.maxPlan) {
      throw refusal(
        'DDA_TRAINER_PLAN_LONG',
        `the demonstration of sample ${sampleId} has ${tokens.length} tokens, a plan has at most ${this.config.maxPlan}`,
        'Raise policy.maxPlan, or shorten the demonstration.',
        sampleId,
      )
    }
    if (tokens.some((id) => id >= this.tokenizer.vocabulary.emittable)) {
      throw refusal(
        'DDA_TRAINER_PLAN_CHARACTERS',
        `the demonstration of sample ${sampleId} has characters that the vocabulary cannot write`,
        'Write plans with the letters, digits and punctuation of the vocabulary.',
        sampleId,
      )
    }
    return tokens
  }
}

function refusal(code: `DDA_${string}`, message: string, next: string, sampleId: string): DdaError {
  return new DdaError(code, message, { kind: 'bad-input', next, sampleId })
}

/** The images of a call, each once, and where each row's image is. */
export class ImageTable {
  readonly images: Uint8Array[] = []
  private readonly places = new Map<Uint8Array, number>()

  place(image: Uint8Array | undefined): number {
    if (image === undefined) return -1
    let at = this.places.get(image)
    if (at === undefined) {
      at = this.images.push(image) - 1
      this.places.set(image, at)
    }
    return at
  }
}
