import type { ImageRef, ImageStore, ThinkerInput } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
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
      const holes = { sample: input.id, count: prompt.length, most: maxPrompt }
      throw errors.make('DDA_TRAINER_PROMPT_LONG', holes, { kind: 'bad-input', sampleId: input.id })
    }
    const [image, ...others] = input.images
    if (others.length > 0) {
      const holes = { sample: input.id, count: input.images.length }
      throw errors.make('DDA_TRAINER_IMAGES', holes, { kind: 'bad-input', sampleId: input.id })
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
      const holes = { sample: sampleId, count: tokens.length, most: this.config.maxPlan }
      throw errors.make('DDA_TRAINER_PLAN_LONG', holes, { kind: 'bad-input', sampleId })
    }
    if (tokens.some((id) => id >= this.tokenizer.vocabulary.emittable)) {
      throw errors.make('DDA_TRAINER_PLAN_CHARACTERS', { sample: sampleId }, { kind: 'bad-input', sampleId })
    }
    return tokens
  }
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
