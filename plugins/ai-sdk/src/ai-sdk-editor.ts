import { generateImage, type ImageModel } from 'ai'
import type {
  CallOptions,
  Cost,
  Editor,
  EditorCapabilities,
  EditRequest,
  EditResult,
  EndpointReport,
  RoleContext,
} from '@dda-thinker/plugin-api'
import { isSamePrompt, madeUpEdit, sampleInput } from '@dda-thinker/endpoints'
import { guardImage } from '@dda-thinker/pictures'
import { editorPrompt } from '@dda-thinker/plan-text'
import { callErrors } from './errors.ts'
import { modelFingerprint } from './fingerprint.ts'
import { type ModelHeld, ModelService, type SdkWarning } from './model-service.ts'
import type { EditorOptions } from './options.ts'

type Generated = Awaited<ReturnType<typeof generateImage>>

/** An Editor behind any image model of the AI SDK that takes pictures. */
export class AiSdkEditor implements Editor {
  readonly supports: EditorCapabilities
  readonly #options: EditorOptions
  readonly #service: ModelService<ImageModel>

  /** @param from a file beside the config: the provider is looked for from there */
  constructor(options: EditorOptions, from: string) {
    const { determinism, perEndpoint, maxImages, promptLimit, maxImageBytes } = options
    this.#options = options
    this.supports = {
      determinism,
      concurrency: perEndpoint,
      maxImages,
      ...(promptLimit === undefined ? {} : { promptLimit }),
    }
    this.#service = new ModelService({
      options,
      from,
      method: 'imageModel',
      // Base64 in JSON takes 4/3 of the bytes; the rest is room for other fields.
      maxBodyBytes: 2 * maxImageBytes + 65_536,
      control: (service, signal) => {
        const { request, held } = madeUpEdit(service)
        return this.#edit(request, held, signal)
      },
    })
  }

  /** Everything that changes its pictures. */
  get fingerprint(): string {
    const { size, aspectRatio, seed } = this.#options
    return modelFingerprint('editor', this.#options, { size, aspectRatio, seed })
  }

  open(context: RoleContext): Promise<void> {
    return this.#service.open(context)
  }

  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#service.diagnose(context)
  }

  async edit(request: EditRequest, { signal }: CallOptions): Promise<EditResult> {
    signal.throwIfAborted()
    return this.#edit(request, this.#service.held, signal)
  }

  close(): Promise<void> {
    return this.#service.close()
  }

  async #edit(
    request: EditRequest,
    { session, context, model }: ModelHeld<ImageModel>,
    signal: AbortSignal,
  ): Promise<EditResult> {
    const { images, plan } = request
    const pictures = await Promise.all(images.map((image) => context.images.get(image)))
    const infos = await Promise.all(pictures.map((bytes) => guardImage(bytes, {}, 'bad-input')))
    const prompt = editorPrompt(plan)
    const input = sampleInput(request)
    return this.#service.run(session, { signal, sent: [plan, prompt], input }, async (abortSignal, bill) => {
      const result = await generateImage({
        model,
        prompt: { text: prompt, images: [...pictures] },
        n: 1,
        ...this.#fields(request, infos[0]),
        maxRetries: 0,
        abortSignal,
      })
      const cost = costOf(result)
      bill(cost)
      this.#check(result, prompt, context)
      const bytes = result.image.uint8Array
      const { maxPixels, maxImageBytes } = this.#options
      await guardImage(bytes, { maxPixels, maxBytes: maxImageBytes })
      return { bytes, cost }
    })
  }

  #fields({ seed }: EditRequest, first: { readonly width: number; readonly height: number } | undefined) {
    const { size, aspectRatio, providerOptions } = this.#options
    const wanted = size === 'source' && first !== undefined ? `${first.width}x${first.height}` : size
    return {
      ...(wanted === undefined ? {} : { size: wanted as `${number}x${number}` }),
      ...(aspectRatio === undefined ? {} : { aspectRatio: aspectRatio as `${number}:${number}` }),
      // 31 bits are what every service takes.
      ...(this.#options.seed ? { seed: seed % 2 ** 31 } : {}),
      providerOptions: providerOptions as NonNullable<Parameters<typeof generateImage>[0]['providerOptions']>,
    }
  }

  /** @throws DdaError `DDA_AI_SDK_IGNORED`, `DDA_EDITOR_REWROTE_PLAN` */
  #check({ warnings, providerMetadata }: Generated, prompt: string, context: RoleContext): void {
    this.#service.warn(warnings, context)
    // Some models only warn that they made a new picture instead of editing the given one.
    const ignored = warnings.find((one: SdkWarning) => /^(?:files|images?|prompt\.images)$/i.test(one.feature ?? ''))
    if (ignored !== undefined) {
      const detail = ('details' in ignored ? ignored.details : undefined) ?? 'it takes no pictures'
      const holes = { service: this.#service.name, what: 'the source picture', detail }
      throw callErrors.make('DDA_AI_SDK_IGNORED', holes, { kind: 'unavailable', stopsRun: true, transient: false })
    }
    if (this.#options.allowRewriting) return
    for (const { images } of Object.values(providerMetadata)) {
      for (const image of Array.isArray(images) ? images : []) {
        const { revisedPrompt } = (image ?? {}) as { readonly revisedPrompt?: unknown }
        if (typeof revisedPrompt !== 'string' || revisedPrompt === '' || isSamePrompt(prompt, revisedPrompt)) continue
        throw callErrors.make('DDA_EDITOR_REWROTE_PLAN/ai-sdk', {}, { kind: 'bad-output', transient: false })
      }
    }
  }
}

function costOf({ usage }: Generated): Cost {
  return {
    ...(usage.inputTokens === undefined ? {} : { inputTokens: usage.inputTokens }),
    ...(usage.outputTokens === undefined ? {} : { outputTokens: usage.outputTokens }),
  }
}
