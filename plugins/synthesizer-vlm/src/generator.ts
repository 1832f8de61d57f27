import type { EndpointReport, ImageRef, RoleContext, SynthesisContext } from '@dda-thinker/plugin-api'
import {
  decodeBase64Image,
  encodeJson,
  type Endpoint,
  identifyModel,
  ImageFetcher,
  type Service,
  ServiceFrame,
} from '@dda-thinker/endpoints'
import type { Fields } from '@dda-thinker/endpoints/chat'
import { guardImage } from '@dda-thinker/pictures'
import { droppedBy } from './ask.ts'
import { callErrors } from './errors.ts'
import type { GeneratorOptions } from './options.ts'
import { generatorFields } from './settings.ts'

interface Own {
  readonly fetcher: ImageFetcher
}

/** What a picture is drawn with, beside the words for it. */
interface Drawing {
  readonly fields: Fields
  /** Names what it is for, as for the session's `run`. */
  readonly about?: string
  readonly held: Service & Own
  readonly signal: AbortSignal
}

/** Drawn to see whether a server draws anything. */
const MADE_UP = 'A red ball on a grey ground.'

/** Text to picture behind `POST {base}/images/generations`. */
export class Generator {
  readonly #options: GeneratorOptions
  readonly #frame: ServiceFrame<Own>

  constructor(options: GeneratorOptions) {
    const { identity, model, maxImageBytes } = options
    this.#options = options
    this.#frame = new ServiceFrame<Own>({
      name: 'synthesizer-vlm',
      options,
      model,
      // Base64 in JSON takes 4/3 of the bytes; the rest is room for other fields.
      session: { maxBodyBytes: 2 * maxImageBytes + 65_536 },
      own: ({ session: { redactor } }) => ({ fetcher: new ImageFetcher({ redactor, maxBytes: maxImageBytes }) }),
      identify: identity === 'server' ? identifyModel(model) : undefined,
      control: (held, signal) => this.#bytes(MADE_UP, { fields: generatorFields(options, MADE_UP, 0), held, signal }),
      end: ({ fetcher }) => fetcher.close(),
    })
  }

  /** As the server is asked for it. */
  get model(): string {
    return this.#options.model ?? 'the one that is served'
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#frame.diagnose(context)
  }

  /**
   * A picture of a scene, stored. It is drawn once for the same scene and seed, so that a synthesis that is begun again pays for none twice.
   *
   * @throws Dropped; DdaError where the run must stop
   */
  async draw(scene: string, seed: number, about: string, context: SynthesisContext): Promise<ImageRef> {
    const { path, maxImageBytes } = this.#options
    const { once = (_key, make) => make() } = context
    const fields = generatorFields(this.#options, scene, seed)
    const key = ['synthesizer-vlm/picture', 1, path, fields, this.#frame.identity ?? null]
    const { held } = this.#frame
    const drawing: Drawing = { fields, about, held, signal: context.signal }
    const make = async (): Promise<ImageRef> => context.images.put(await this.#bytes(scene, drawing))
    try {
      const image = await once(key, make)
      // The cache may have outlived the picture.
      const isStored = await context.images.get(image).then(
        ({ length }) => length <= maxImageBytes,
        () => false,
      )
      return isStored ? image : await once([...key, 'again'], make)
    } catch (error) {
      throw droppedBy(error, context.signal)
    }
  }

  async #bytes(scene: string, { fields, about, held, signal }: Drawing): Promise<Uint8Array> {
    const { session } = held
    const body = encodeJson(fields)
    return session.run(
      async (endpoint, bill) => {
        const { path } = this.#options
        const json = await session.json(endpoint, { method: 'POST', path, body, signal, sent: [scene] })
        const { input_tokens: inputTokens, output_tokens: outputTokens } = objectOf(objectOf(json)['usage'])
        if (typeof inputTokens === 'number' && typeof outputTokens === 'number') bill({ inputTokens, outputTokens })
        const bytes = await this.#picture(json, endpoint, held, signal)
        await guardImage(bytes, { maxBytes: this.#options.maxImageBytes })
        return bytes
      },
      signal,
      about,
    )
  }

  async #picture(
    json: unknown,
    { url: base }: Endpoint,
    held: Service & Own,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { data } = objectOf(json)
    const { b64_json: base64, url } = objectOf(Array.isArray(data) ? data[0] : undefined)
    const limits = { maxBytes: this.#options.maxImageBytes }
    if (typeof base64 === 'string' && base64 !== '') return decodeBase64Image(base64, limits)
    if (typeof url !== 'string' || url === '') {
      throw callErrors.make('DDA_SYNTHESIS_NO_PICTURE', {}, { kind: 'bad-output', transient: true })
    }
    if (url.startsWith('data:')) return decodeBase64Image(url, limits)
    return held.fetcher.fetch(url, { signal, base, headers: held.session.authorization() })
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
