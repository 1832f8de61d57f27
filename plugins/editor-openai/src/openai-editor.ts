import type {
  CallOptions,
  Editor,
  EditorCapabilities,
  EditRequest,
  EditResult,
  EndpointReport,
  RoleContext,
} from '@dda-thinker/plugin-api'
import {
  decodeBase64Image,
  encodeMultipart,
  type Endpoint,
  identifyModel,
  isSamePrompt,
  ImageFetcher,
  madeUpEdit,
  sampleInput,
  type Service,
  ServiceFrame,
  type ServiceFrameOptions,
  sortedByName,
} from '@dda-thinker/endpoints'
import { guardImage } from '@dda-thinker/pictures'
import { editorPrompt } from '@dda-thinker/plan-text'
import { type Answer, readAnswer } from './answer.ts'
import { DIALECTS } from './dialect.ts'
import { callErrors } from './errors.ts'
import { type FixedFields, fixedFields, formOf, type SourceImage } from './form.ts'
import type { EditorOptions } from './options.ts'
import { readFailure } from './read-failure.ts'

interface Own {
  readonly fetcher: ImageFetcher
}

/** An Editor behind `POST {base}/images/edits`. */
export class OpenAiEditor implements Editor {
  readonly supports: EditorCapabilities
  readonly #options: EditorOptions
  readonly #fixed: FixedFields
  readonly #frame: ServiceFrame<Own>

  /** @throws DdaError `DDA_EDITOR_PARAM` */
  constructor(options: EditorOptions) {
    const dialect = DIALECTS[options.dialect]
    const seeded = options.seed ?? dialect.seed
    const promptLimit = options.promptLimit ?? dialect.promptLimit
    this.#options = options
    this.#fixed = fixedFields(options)
    this.#frame = frameOf(options, (opened, signal) => {
      const { request, held } = madeUpEdit(opened)
      return this.#edit(request, held, signal)
    })
    this.supports = {
      // Without a seed nothing makes a server's result repeatable, whatever the dialect can do.
      determinism: options.determinism ?? (seeded ? dialect.determinism : 'none'),
      concurrency: options.endpoints.length * options.perEndpoint,
      maxImages: options.maxImages ?? dialect.maxImages,
      ...(promptLimit === undefined ? {} : { promptLimit }),
    }
  }

  /** Everything that changes its pictures. Once open, with what the servers say they serve; never with where they are. */
  get fingerprint(): string {
    const { dialect, path, size, rename, seed } = this.#options
    const settings = {
      dialect,
      path,
      size,
      seed,
      rename: sortedByName(rename),
      fields: this.#fixed,
      server: this.#frame.identity,
    }
    return `editor-openai/1 ${JSON.stringify(settings)}`
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#frame.diagnose(context)
  }

  async edit(request: EditRequest, { signal }: CallOptions): Promise<EditResult> {
    signal.throwIfAborted()
    return this.#edit(request, this.#frame.held, signal)
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  async #edit(request: EditRequest, opened: Service & Own, signal: AbortSignal): Promise<EditResult> {
    const images = await Promise.all(request.images.map((image) => source(opened.context, image)))
    const body = await encodeMultipart(formOf(request, images, this.#fixed, this.#options))
    return opened.session.run(
      async (endpoint, bill) => {
        const { path, price } = this.#options
        const json = await opened.session
          .json(endpoint, { method: 'POST', path, body, signal, sent: [request.plan] })
          .catch((error: unknown) => {
            throw readFailure(error, request.plan)
          })
        const answer = readAnswer(json, price, opened.session.redactor)
        if (answer.cost !== undefined) bill(answer.cost)
        this.#checkPrompt(request, answer)
        return this.#result(answer, await this.#bytes(answer, endpoint, opened, signal))
      },
      signal,
      sampleInput(request),
    )
  }

  #checkPrompt({ plan }: EditRequest, { revisedPrompt }: Answer): void {
    if (this.#options.allowRewriting || revisedPrompt === undefined || isSamePrompt(editorPrompt(plan), revisedPrompt))
      return
    throw callErrors.make('DDA_EDITOR_REWROTE_PLAN/openai', {}, { kind: 'bad-output', transient: false })
  }

  async #bytes(
    answer: Answer,
    { url: base }: Endpoint,
    opened: Service & Own,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const limits = { maxBytes: this.#options.maxImageBytes }
    const { base64, url = '' } = answer
    if (base64 !== undefined) return decodeBase64Image(base64, limits)
    if (url.startsWith('data:')) return decodeBase64Image(url, limits)
    return opened.fetcher.fetch(url, { signal, base, headers: opened.session.authorization() })
  }

  async #result(answer: Answer, bytes: Uint8Array): Promise<EditResult> {
    const { maxPixels, maxImageBytes } = this.#options
    const { mediaType } = await guardImage(bytes, { maxPixels, maxBytes: maxImageBytes })
    const notes = mediaType === 'image/png' ? [] : [`the server sent ${mediaType} although PNG was asked for`]
    return {
      bytes,
      ...(answer.cost === undefined ? {} : { cost: answer.cost }),
      ...(notes.length > 0 ? { notes } : {}),
    }
  }
}

function frameOf(options: EditorOptions, control: ServiceFrameOptions<Own>['control']): ServiceFrame<Own> {
  const { identity, model, imageOrigins, maxImageBytes } = options
  return new ServiceFrame<Own>({
    name: 'editor-openai',
    options,
    model,
    // Base64 in JSON takes 4/3 of the bytes; the rest is room for other fields.
    session: { maxBodyBytes: 2 * maxImageBytes + 65_536 },
    own: ({ session: { redactor } }) => ({
      fetcher: new ImageFetcher({ redactor, allowedOrigins: imageOrigins, maxBytes: maxImageBytes }),
    }),
    identify: identity === 'server' ? identifyModel(model) : undefined,
    control,
    end: ({ fetcher }) => fetcher.close(),
  })
}

async function source(context: RoleContext, image: EditRequest['images'][number]): Promise<SourceImage> {
  const bytes = await context.images.get(image)
  return { bytes, ...(await guardImage(bytes, {}, 'bad-input')) }
}
