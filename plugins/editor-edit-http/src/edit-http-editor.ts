import {
  isDdaError,
  type CallOptions,
  type Editor,
  type EditorCapabilities,
  type EditRequest,
  type EditResult,
  type EndpointReport,
  type ImageRef,
  type RoleContext,
} from '@dda-thinker/plugin-api'
import {
  decodeBase64Image,
  encodeJson,
  type EncodedBody,
  type Endpoint,
  type EndpointError,
  type EndpointFacts,
  type EndpointSession,
  isSamePrompt,
  madeUpEdit,
  mustStop,
  QUICK_MS,
  requestFields,
  sampleInput,
  type Scalar,
  type Service,
  ServiceFrame,
  type ServiceFrameOptions,
  sortedByName,
} from '@dda-thinker/endpoints'
import { guardImage, IMAGE_LIMITS } from '@dda-thinker/pictures'
import { editorPrompt } from '@dda-thinker/plan-text'
import { type Answer, checkHealth, readAnswer, readFailure } from './answer.ts'
import { callErrors } from './errors.ts'
import type { EditorOptions } from './options.ts'

/** The fields that every request has, by the names of the server. @throws DdaError `DDA_EDITOR_PARAM` */
export function fixedFields({ params, rename }: EditorOptions): Readonly<Record<string, Scalar>> {
  // Unless told otherwise, these servers have another model rewrite the prompt.
  return requestFields({ base: { enhance_prompt: false }, params, rename, reserved: ['image', 'prompt', 'seed'] })
}

/** An Editor behind the `/edit` and `/health` routes of EditThinker's servers: pictures as base64 in JSON. */
export class EditHttpEditor implements Editor {
  readonly fingerprint: string
  readonly supports: EditorCapabilities
  readonly #options: EditorOptions
  readonly #fixed: Readonly<Record<string, Scalar>>
  readonly #frame: ServiceFrame

  /** @throws DdaError `DDA_EDITOR_PARAM` */
  constructor(options: EditorOptions) {
    const { endpoints, perEndpoint, determinism, promptLimit, model, path, rename } = options
    this.#options = options
    this.#fixed = fixedFields(options)
    this.#frame = frameOf(options, (service, signal) => {
      const { request, held } = madeUpEdit(service)
      return this.#edit(request, held, signal)
    })
    const settings = { model, path, rename: sortedByName(rename), fields: this.#fixed }
    this.fingerprint = `editor-edit-http/1 ${JSON.stringify(settings)}`
    this.supports = {
      determinism,
      concurrency: endpoints.length * perEndpoint,
      maxImages: 1,
      ...(promptLimit === undefined ? {} : { promptLimit }),
    }
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  /** These servers list no models; their health route says whether they are ready to edit. */
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

  async #edit(request: EditRequest, opened: Service, signal: AbortSignal): Promise<EditResult> {
    const body = await this.#body(request, opened.context)
    return opened.session.run(
      async (endpoint) => {
        const { path, resultField, maxPixels, maxImageBytes } = this.#options
        const json = await opened.session
          .json(endpoint, { method: 'POST', path, body, signal, sent: [request.plan] })
          .catch((error: unknown) => {
            throw readFailure(error, request.plan)
          })
        const answer = readAnswer(json, { resultField, redactor: opened.session.redactor, plan: request.plan })
        this.#checkObeyed(request, answer)
        const bytes = decodeBase64Image(answer.base64, { maxBytes: maxImageBytes })
        await guardImage(bytes, { maxPixels, maxBytes: maxImageBytes })
        return { bytes }
      },
      signal,
      sampleInput(request),
    )
  }

  async #body({ images, plan, seed }: EditRequest, context: RoleContext): Promise<EncodedBody> {
    // Exactly one, as `supports` declares.
    const image = images[0] as ImageRef
    const source = await context.images.get(image)
    await guardImage(source, {}, 'bad-input')
    const { rename } = this.#options
    return encodeJson({
      [rename['image'] ?? 'image']: Buffer.from(source).toString('base64'),
      [rename['prompt'] ?? 'prompt']: editorPrompt(plan),
      [rename['seed'] ?? 'seed']: seed,
      ...this.#fixed,
    })
  }

  /** A server that says it did something else than it was asked is believed. */
  #checkObeyed({ plan, seed }: EditRequest, answer: Answer): void {
    const { allowRewriting, determinism } = this.#options
    if (
      !allowRewriting &&
      answer.enhancedPrompt !== undefined &&
      !isSamePrompt(editorPrompt(plan), answer.enhancedPrompt)
    ) {
      throw callErrors.make('DDA_EDITOR_REWROTE_PLAN/edit-http', {}, { kind: 'bad-output', transient: false })
    }
    if (determinism !== 'none' && answer.seed !== undefined && answer.seed !== seed) {
      throw callErrors.make(
        'DDA_EDITOR_SEED',
        { used: answer.seed, asked: seed },
        { kind: 'bad-output', transient: false },
      )
    }
  }
}

function frameOf(options: EditorOptions, control: ServiceFrameOptions<object>['control']): ServiceFrame {
  const { health, maxImageBytes, endpoints } = options
  return new ServiceFrame({
    name: 'editor-edit-http',
    options,
    session: {
      // Answers repeat the source picture beside the result, both in base64.
      maxBodyBytes: 2 * maxImageBytes + 2 * IMAGE_LIMITS.bytes,
      ...(health ? { healthPath: 'health', checkHealth } : {}),
    },
    ask: health ? async () => ({}) : reach,
    control,
    begin: async (service) => {
      const check = async () => {
        await checkAll(service)
        return true
      }
      // A replay must not need the servers.
      await (service.context.recall?.(['health', endpoints], check) ?? check())
    },
  })
}

/** One endpoint must be ready; those that are not are only named, and tried again as work goes on. */
async function checkAll({ session, context: { signal, log } }: Service): Promise<void> {
  const { endpoints } = session.pool
  const found = await Promise.allSettled(endpoints.map((endpoint) => session.health(endpoint, signal)))
  signal.throwIfAborted()
  const failed = found.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const final = failed.find((error) => isDdaError(error) && error.kind === 'unavailable')
  if (final !== undefined || failed.length === found.length) throw final ?? failed[0]
  for (const error of failed) log.warn(error instanceof Error ? error.message : String(error))
}

/** Without a health route any answer shows that the server is there, unless it refuses the key or points elsewhere. */
async function reach(session: EndpointSession, endpoint: Endpoint, signal: AbortSignal): Promise<EndpointFacts> {
  try {
    await session.send(endpoint, { method: 'GET', path: '', signal, timeoutMs: QUICK_MS })
  } catch (error) {
    const { status, code } = error as Partial<EndpointError>
    if (status === undefined || (mustStop(error) && code !== 'DDA_ENDPOINT_NOT_FOUND')) throw error
  }
  return {}
}
