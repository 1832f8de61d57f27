import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type CallOptions,
  type Editor,
  type EditorCapabilities,
  type EditRequest,
  type EditResult,
  type EndpointReport,
  isDdaError,
  type RoleContext,
  readWhole,
  readWholeSync,
} from '@dda-thinker/plugin-api'
import {
  type Endpoint,
  madeUpEdit,
  RetryPolicy,
  sampleInput,
  type Service,
  ServiceFrame,
  type ServiceFrameOptions,
} from '@dda-thinker/endpoints'
import { guardImage, type ImageInfo } from '@dda-thinker/pictures'
import { editorPrompt } from '@dda-thinker/plan-text'
import { ComfyApi } from './comfy-api.ts'
import { ComfyEvents } from './comfy-events.ts'
import { ComfyJob } from './comfy-job.ts'
import { errors } from './errors.ts'
import type { EditorOptions } from './options.ts'
import { Repeats } from './repeats.ts'
import { serverFacts, serverIdentity } from './server-identity.ts'
import { stripMetadata } from './strip-metadata.ts'
import { Uploads, type SourceFile } from './uploads.ts'
import { Deadline } from './waiting.ts'
import { imageSlots, Workflow } from './workflow.ts'

interface Own {
  readonly api: ComfyApi
  readonly uploads: Uploads
  readonly workflow: Workflow
  /** One for each endpoint, by its index; none where jobs are polled. */
  readonly events: readonly ComfyEvents[]
  readonly clientId: string
  /** Cancellations under way: they outlive the calls they belong to, not the session. */
  readonly cancelling: Set<Promise<void>>
}

const CANCEL_MS = 5000
/** How long a server may be away before its job is given to another one. */
const ELSEWHERE_SECONDS = 10

/** How long a server's worker may take to wake up. */
const FREE_MS = 500

type Opened = Service & Own

/** What one attempt at an edit leaves to the next. */
interface Retried {
  /** Part of the name under which the picture is saved. */
  fresh: string | undefined
}

/** An Editor that runs a workflow on ComfyUI servers. */
export class ComfyEditor implements Editor {
  readonly supports: EditorCapabilities
  readonly #options: EditorOptions
  readonly #file: string
  readonly #frame: ServiceFrame<Own>
  #hash: string | undefined

  /** @param file path of the workflow */
  constructor(options: EditorOptions, file: string) {
    const { endpoints, perEndpoint, determinism, slots, promptLimit } = options
    this.#options = options
    this.#file = file
    const readWorkflow = async (): Promise<Workflow> => {
      const workflow = await this.#workflow()
      this.#hash = workflow.hash
      return workflow
    }
    this.#frame = frameOf(options, readWorkflow, (opened, signal) => {
      const { request, held } = madeUpEdit(opened, imageSlots(options).length)
      // What belongs to an endpoint goes by its place, and the session has only one.
      return this.#edit(request, { ...held, events: [], uploads: new Uploads(held.api, 1) }, signal)
    })
    const images = imageSlots(options).length
    this.supports = {
      determinism: determinism ?? (slots.seed === undefined ? 'none' : 'visual'),
      concurrency: endpoints.length * perEndpoint,
      // Fewer would leave pictures of the workflow's author in the open slots.
      minImages: images,
      maxImages: images,
      ...(promptLimit === undefined ? {} : { promptLimit }),
    }
  }

  /** Everything that changes its pictures, once open: the workflow by its content, what fills it, the servers' versions. */
  get fingerprint(): string {
    const { slots, params, output, revision } = this.#options
    const settings = { workflow: this.#hash, slots, params, output, revision, server: this.#frame.identity }
    return `editor-comfyui/1 ${JSON.stringify(settings, sorted)}`
  }

  /** @throws DdaError `DDA_EDITOR_WORKFLOW`, `DDA_EDITOR_SLOT`, and as servers fail */
  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  async diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    // Throws here where no server could run it.
    await this.#workflow()
    return this.#frame.diagnose(context)
  }

  async edit(request: EditRequest, { signal }: CallOptions): Promise<EditResult> {
    signal.throwIfAborted()
    return this.#edit(request, this.#frame.held, signal)
  }

  async #edit(request: EditRequest, opened: Opened, signal: AbortSignal): Promise<EditResult> {
    const sources = await Promise.all(request.images.map((image) => source(opened.context, image)))
    const { attempts, retryDelaySeconds, giveUpSeconds, endpoints } = this.#options
    // With other servers, another job is soon the better choice.
    const patienceMs = 1000 * (endpoints.length === 1 ? giveUpSeconds : Math.min(giveUpSeconds, ELSEWHERE_SECONDS))
    const retried: Retried = { fresh: undefined }
    const repeats = new Repeats(new RetryPolicy({ attempts, baseDelayMs: retryDelaySeconds * 1000 }), patienceMs)
    return opened.session.run(
      (endpoint) => this.#attempt(opened, endpoint, { request, sources, repeats, retried, signal }),
      signal,
      sampleInput(request),
    )
  }

  /** Empties the servers' execution caches: an equal edit would be answered from them. Servers that cannot are left as they are. */
  async forget({ signal }: CallOptions): Promise<void> {
    const { api, session, context } = this.#frame.held
    for (const endpoint of session.pool.endpoints) {
      await api.free(endpoint, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        const text = error instanceof Error ? error.message : String(error)
        context.log.warn(`editor-comfyui: ${endpoint.url}: its cache is not emptied: ${session.redactor.redact(text)}`)
      })
    }
    // The server does it when its worker wakes up, and tells nobody.
    await wait(FREE_MS, undefined, { signal })
  }

  /** Waits for cancellations under way, a few seconds at most. */
  close(): Promise<void> {
    return this.#frame.close()
  }

  async #workflow(): Promise<Workflow> {
    return new Workflow(await readText(this.#file), this.#options)
  }

  async #attempt(
    opened: Opened,
    endpoint: Endpoint,
    edit: {
      readonly request: EditRequest
      readonly sources: readonly SourceFile[]
      readonly repeats: Repeats
      readonly retried: Retried
      readonly signal: AbortSignal
    },
  ): Promise<EditResult> {
    const { api, session, uploads, workflow, events, clientId } = opened
    const { request, sources, repeats, retried } = edit
    const deadline = new Deadline(edit.signal, this.#options.timeoutSeconds, endpoint.url)
    const { signal } = deadline
    const plan = editorPrompt(request.plan)
    const job = new ComfyJob({
      api,
      endpoint,
      events: events[endpoint.index],
      clientId,
      slotNodes: workflow.slotNodes,
      plan,
      options: this.#options,
      redactor: session.redactor,
      repeats,
      signal,
    })
    try {
      const images = await uploads.namesOf(endpoint, sources, signal)
      const [{ width, height } = { width: 0, height: 0 }] = sources
      const graph = workflow.with({ images, prompt: plan, seed: request.seed, width, height }, retried.fresh)
      const bytes = await job.run(graph).catch((error: unknown) => {
        throw uploads.judge(error, endpoint, sources)
      })
      return await this.#result(bytes)
    } catch (error) {
      // Under the old name the server would name the same file again, from its cache.
      if (isDdaError(error) && error.code === 'DDA_EDITOR_EMPTY') {
        retried.fresh = randomUUID().slice(0, 8)
        await api.free(endpoint, signal).catch(() => undefined)
      }
      if (job.isOpen) this.#cancel(opened, endpoint, job.id)
      throw error
    } finally {
      deadline.end()
    }
  }

  /** Lets the server stop work that nobody waits for. Failures are only named: the job ends by itself. */
  #cancel({ api, cancelling, context, session }: Opened, endpoint: Endpoint, id: string): void {
    const cancellation = api
      .cancel(endpoint, id, AbortSignal.timeout(CANCEL_MS))
      .catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error)
        context.log.debug(`editor-comfyui: ${endpoint.url}: not cancelled: ${session.redactor.redact(text)}`)
      })
      .finally(() => cancelling.delete(cancellation))
    cancelling.add(cancellation)
  }

  async #result(bytes: Uint8Array): Promise<EditResult> {
    const { maxPixels, maxImageBytes } = this.#options
    const { mediaType } = await guardImage(bytes, { maxPixels, maxBytes: maxImageBytes })
    if (mediaType === 'image/png') return { bytes: stripMetadata(bytes) }
    return { bytes, notes: [`the workflow saves ${mediaType}, which loses detail; PNG does not`] }
  }
}

function frameOf(
  options: EditorOptions,
  readWorkflow: () => Promise<Workflow>,
  control: ServiceFrameOptions<Own>['control'],
): ServiceFrame<Own> {
  const { identity, wait, endpoints, maxImageBytes } = options
  return new ServiceFrame<Own>({
    name: 'editor-comfyui',
    options,
    session: { maxBodyBytes: maxImageBytes, healthPath: 'system_stats' },
    ask: serverFacts,
    control,
    own: async ({ session, context: { log } }) => {
      const workflow = await readWorkflow()
      const api = new ComfyApi(session)
      const clientId = randomUUID()
      const headers = session.authorization()
      const events =
        wait === 'poll' ? [] : session.pool.endpoints.map(({ url }) => new ComfyEvents({ url, clientId, headers, log }))
      const uploads = new Uploads(api, endpoints.length)
      return { api, uploads, workflow, events, clientId, cancelling: new Set() }
    },
    identify:
      identity === 'server'
        ? ({ session, api, context: { signal, log, recall } }) => {
            const ask = () => serverIdentity({ session, api, signal, log })
            return recall?.(['comfyui', endpoints], ask) ?? ask()
          }
        : undefined,
    end: async ({ cancelling, events, api }) => {
      await Promise.all(cancelling)
      await Promise.all(events.map((one) => one.close()))
      await api.close()
    },
  })
}

/** Says before anything is opened what of the workflow would fail every edit. @throws DdaError `DDA_EDITOR_WORKFLOW`, `DDA_EDITOR_SLOT` */
export function checkedWorkflow(options: EditorOptions, file: string): Workflow {
  let text: string
  try {
    text = readWholeSync(file).toString('utf8')
  } catch (error) {
    throw errors.make('DDA_EDITOR_WORKFLOW/unreadable', { why: (error as Error).message })
  }
  return new Workflow(text, options)
}

async function readText(file: string): Promise<string> {
  try {
    return (await readWhole(file)).toString('utf8')
  } catch (error) {
    throw errors.make('DDA_EDITOR_WORKFLOW/unreadable', { why: (error as Error).message })
  }
}

async function source(context: RoleContext, image: EditRequest['images'][number]): Promise<SourceFile> {
  const bytes = await context.images.get(image)
  const info: ImageInfo = await guardImage(bytes, {}, 'bad-input')
  return { ...info, hash: image.hash, bytes }
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
