import {
  DdaError,
  type CallOptions,
  type Editor,
  type EditorCapabilities,
  type EditRequest,
  type EditResult,
  type EndpointReport,
  type RoleContext,
} from '@dda-thinker/plugin-api'
import {
  decodeBase64Image,
  diagnoseEndpoints,
  encodeJson,
  type EncodedBody,
  type Endpoint,
  EndpointError,
  type EndpointFacts,
  EndpointSession,
  guardImage,
  isSamePrompt,
  mustStop,
  QUICK_MS,
  requestFields,
  type Scalar,
  sortedByName,
} from '@dda-thinker/endpoints'
import { editorPrompt } from '@dda-thinker/plan-text'
import { type Answer, checkHealth, readAnswer, readFailure } from './answer.ts'
import type { EditorOptions } from './options.ts'

interface Opened {
  readonly context: RoleContext
  readonly session: EndpointSession
}

const MAX_SOURCE_BYTES = 50 * 1024 * 1024

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
  #opened: Opened | undefined

  /** @throws DdaError `DDA_EDITOR_PARAM` */
  constructor(options: EditorOptions) {
    const { endpoints, perEndpoint, determinism, promptLimit, model, path, rename } = options
    this.#options = options
    this.#fixed = fixedFields(options)
    const settings = { model, path, rename: sortedByName(rename), fields: this.#fixed }
    this.fingerprint = `editor-edit-http/1 ${JSON.stringify(settings)}`
    this.supports = {
      determinism,
      concurrency: endpoints.length * perEndpoint,
      maxImages: 1,
      ...(promptLimit === undefined ? {} : { promptLimit }),
    }
  }

  async open(context: RoleContext): Promise<void> {
    const { health, maxImageBytes } = this.#options
    const session = new EndpointSession({
      options: this.#options,
      name: 'editor-edit-http',
      log: context.log,
      meter: context.meter,
      // Answers repeat the source picture beside the result, both in base64.
      maxBodyBytes: 2 * maxImageBytes + 2 * MAX_SOURCE_BYTES,
      ...(health ? { healthPath: 'health', checkHealth } : {}),
    })
    this.#opened = { context, session }
    try {
      const check = async () => {
        await this.#checkAll(session, context)
        return true
      }
      // A replay must not need the servers.
      await (context.recall?.(['health', this.#options.endpoints], check) ?? check())
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** One endpoint must be ready; those that are not are only named, and tried again as work goes on. */
  async #checkAll(session: EndpointSession, { signal, log }: RoleContext): Promise<void> {
    const { endpoints } = session.pool
    const found = await Promise.allSettled(endpoints.map((endpoint) => session.health(endpoint, signal)))
    signal.throwIfAborted()
    const failed = found.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    const final = failed.find((error) => isDdaKind(error, 'unavailable'))
    if (final !== undefined || failed.length === found.length) throw final ?? failed[0]
    for (const error of failed) log.warn(error instanceof Error ? error.message : String(error))
  }

  /** These servers list no models; their health route says whether they are ready to edit. */
  async diagnose({ log, signal }: RoleContext): Promise<readonly EndpointReport[]> {
    const { health } = this.#options
    return diagnoseEndpoints({
      options: this.#options,
      name: 'editor-edit-http',
      log,
      signal,
      ...(health ? { healthPath: 'health', checkHealth } : {}),
      ask: health ? async () => ({}) : reach,
    })
  }

  async edit(request: EditRequest, { signal }: CallOptions): Promise<EditResult> {
    signal.throwIfAborted()
    const opened = this.#opened
    if (opened === undefined) {
      throw new DdaError('DDA_EDITOR_CLOSED', 'The Editor is not open', { next: 'Call open() first.' })
    }
    const body = await this.#body(request, opened.context)
    return opened.session.run(async (endpoint) => {
      const { path, resultField, maxPixels, maxImageBytes } = this.#options
      const json = await opened.session
        .json(endpoint, { method: 'POST', path, body, signal })
        .catch((error: unknown) => {
          throw readFailure(error)
        })
      const answer = readAnswer(json, resultField, opened.session.redactor)
      this.#checkObeyed(request, answer)
      const bytes = decodeBase64Image(answer.base64, { maxBytes: maxImageBytes })
      await guardImage(bytes, { maxPixels, maxBytes: maxImageBytes })
      return { bytes }
    }, signal)
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    await opened?.session.close()
  }

  async #body({ images, plan, seed }: EditRequest, context: RoleContext): Promise<EncodedBody> {
    const { promptLimit } = this.supports
    if (promptLimit !== undefined && plan.length > promptLimit) {
      throw badInput('DDA_EDITOR_PROMPT', `The plan has ${plan.length} characters; ${promptLimit} are read`, 'plans')
    }
    const [image] = images
    if (image === undefined || images.length > 1) {
      throw badInput('DDA_EDITOR_IMAGES', `${images.length} source pictures; exactly one is taken`, 'samples')
    }
    const source = await context.images.get(image)
    await guardImage(source, { maxBytes: MAX_SOURCE_BYTES }, 'bad-input')
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
      throw new EndpointError('DDA_EDITOR_REWROTE_PLAN', 'The server edited by a text of its own instead of the plan', {
        kind: 'bad-output',
        transient: false,
        next: "Turn the server's prompt rewriting off, or accept it with allowRewriting.",
      })
    }
    if (determinism !== 'none' && answer.seed !== undefined && answer.seed !== seed) {
      throw new EndpointError('DDA_EDITOR_SEED', `The server used the seed ${answer.seed} instead of ${seed}`, {
        kind: 'bad-output',
        transient: false,
        next: 'Set rename.seed to the name the server knows, or declare determinism: none.',
      })
    }
  }
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

function isDdaKind(error: unknown, kind: string): boolean {
  return error instanceof Error && (error as Partial<DdaError>).kind === kind
}

function badInput(code: `DDA_${string}`, message: string, what: string): DdaError {
  return new DdaError(code, message, { kind: 'bad-input', next: `Use ${what} within the limits of this Editor.` })
}
