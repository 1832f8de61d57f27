import {
  encodeJson,
  encodeMultipart,
  type Endpoint,
  type EndpointError,
  type EndpointSession,
  HttpClient,
  QUICK_MS,
  responseError,
} from '@dda-thinker/endpoints'
import { callErrors } from './errors.ts'
import { object, refusedGraph } from './failure.ts'
import type { ServerFile } from './output.ts'
import type { Graph } from './workflow.ts'

/** What history says of a job that has ended. */
export interface HistoryEntry {
  readonly outputs: unknown
  /** `{ status_str, completed, messages }`; servers before August 2024 give none. */
  readonly status: Readonly<Record<string, unknown>>
}

export interface Submission {
  readonly id: string
  readonly clientId: string
  readonly graph: Graph
  readonly slotNodes: ReadonlySet<string>
  readonly plan: string
}

/** Of an upload or download. The deadline of the edit ends them before, as a rule. */
const TRANSFER_MS = 600_000
/** Servers look through their model folders before they answer. */
const SUBMIT_MS = 120_000
/** Keeps the pictures of this Editor apart from those of people. */
const SUBFOLDER = 'dda-thinker'

/** The routes of ComfyUI that an Editor needs, one method each (ComfyUI, server.py). No retries. */
export class ComfyApi {
  readonly #session: EndpointSession
  readonly #client: HttpClient

  constructor(session: EndpointSession) {
    this.#session = session
    this.#client = new HttpClient({ redactor: session.redactor, maxBodyBytes: 1024 * 1024 })
  }

  /** Puts a picture into the input folder. The name that loading nodes know it by. */
  async upload(
    endpoint: Endpoint,
    file: { readonly name: string; readonly bytes: Uint8Array; readonly mediaType: string },
    signal: AbortSignal,
  ): Promise<string> {
    // Without overwrite: the same bytes under the same name are left alone while another job may be reading them.
    const body = await encodeMultipart([
      { name: 'image', bytes: file.bytes, filename: file.name, mediaType: file.mediaType },
      { name: 'type', text: 'input' },
      { name: 'subfolder', text: SUBFOLDER },
    ])
    const request = { method: 'POST', path: 'upload/image', body, signal, timeoutMs: TRANSFER_MS } as const
    const { name, subfolder } = object(await this.#session.json(endpoint, request))
    if (typeof name !== 'string' || name === '') throw unexpected(endpoint, 'upload/image', 'no name')
    return typeof subfolder === 'string' && subfolder !== '' ? `${subfolder}/${name}` : name
  }

  /**
   * Queues a graph. The job's id: the given one, or the server's own with servers that choose it themselves.
   * @throws DdaError `DDA_EDITOR_GRAPH` where the server does not take all of the graph
   */
  async submit(endpoint: Endpoint, submission: Submission, signal: AbortSignal): Promise<string> {
    const { redactor } = this.#session
    const { id, clientId, graph, slotNodes, plan } = submission
    const url = `${endpoint.url}/prompt`
    const response = await this.#client.exchange({
      method: 'POST',
      url,
      headers: this.#session.authorization(),
      body: encodeJson({ prompt: graph, client_id: clientId, prompt_id: id }),
      signal,
      timeoutMs: SUBMIT_MS,
    })
    const answer = object(parsed(response.body))
    const refused = Object.keys(object(answer['node_errors'])).length > 0
    if (response.status === 400 && (refused || 'type' in object(answer['error']))) {
      throw refusedGraph(answer, slotNodes, redactor, response.status)
    }
    if (response.status < 200 || response.status > 299) throw responseError(url, response, redactor, [plan])
    const { prompt_id: accepted } = answer
    if (typeof accepted !== 'string' || accepted === '') {
      const start = redactor.excerpt(Buffer.from(response.body.subarray(0, 2048)).toString('utf8'), 80)
      throw unexpected(endpoint, 'prompt', `no prompt_id: ${start}`)
    }
    // A good answer with errors: only the rest of the graph is queued, and the result may not be in it.
    if (refused) throw refusedGraph(answer, slotNodes, redactor)
    return accepted
  }

  /** The end of a job; undefined while it waits or runs, and for unknown ids. */
  async history(endpoint: Endpoint, id: string, signal: AbortSignal): Promise<HistoryEntry | undefined> {
    const entry = object(await this.#get(endpoint, `history/${encodeURIComponent(id)}`, signal))[id]
    if (entry === undefined) return undefined
    const { outputs, status } = object(entry)
    return { outputs, status: object(status) }
  }

  /** Where a job is in the queue. */
  async queued(endpoint: Endpoint, id: string, signal: AbortSignal): Promise<'running' | 'pending' | undefined> {
    const { queue_running: running, queue_pending: pending } = object(await this.#get(endpoint, 'queue', signal))
    // Rows are [number, id, graph, extra data, outputs].
    const has = (rows: unknown): boolean =>
      Array.isArray(rows) && rows.some((row) => Array.isArray(row) && (row as unknown[])[1] === id)
    return has(running) ? 'running' : has(pending) ? 'pending' : undefined
  }

  /** Jobs waiting and running, of whomever. */
  async queueLength(endpoint: Endpoint, signal: AbortSignal): Promise<number> {
    const { exec_info: info } = object(await this.#get(endpoint, 'prompt', signal))
    const { queue_remaining: remaining } = object(info)
    if (typeof remaining !== 'number') throw unexpected(endpoint, 'prompt', 'no queue_remaining')
    return remaining
  }

  /** Bytes of a picture, unchecked. */
  async view(endpoint: Endpoint, file: ServerFile, signal: AbortSignal): Promise<Uint8Array> {
    const query = new URLSearchParams({ ...file }).toString()
    const accept = ['image/*', 'application/octet-stream']
    try {
      const request = { method: 'GET', path: `view?${query}`, accept, signal, timeoutMs: TRANSFER_MS } as const
      return (await this.#session.send(endpoint, request)).body
    } catch (error) {
      const { status } = error as Partial<EndpointError>
      // The same server took the job a moment ago: it is the file that is missing, not the route or the right.
      if (status !== 400 && status !== 403 && status !== 404) throw error
      throw callErrors.make(
        'DDA_EDITOR_EMPTY/gone',
        { file: file.filename, url: endpoint.url },
        { kind: 'bad-output', transient: true },
      )
    }
  }

  /** What the server says of itself. */
  async stats(endpoint: Endpoint, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    return object(object(await this.#get(endpoint, 'system_stats', signal))['system'])
  }

  /** Files of a model folder: `checkpoints`, `diffusion_models`. None with servers that do not offer the list. */
  async models(endpoint: Endpoint, folder: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      const names = await this.#get(endpoint, `models/${folder}`, signal)
      return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
    } catch (error) {
      if ((error as Partial<EndpointError>).code !== 'DDA_ENDPOINT_NOT_FOUND') throw error
      return []
    }
  }

  /** Takes a job out of the queue, or stops it where it runs. */
  async cancel(endpoint: Endpoint, id: string, signal: AbortSignal): Promise<void> {
    await this.#post(endpoint, 'queue', { delete: [id] }, signal)
    // Older servers interrupt whatever runs, whoever it belongs to: only asked for where it is our own job.
    if ((await this.queued(endpoint, id, signal)) !== 'running') return
    await this.#post(endpoint, 'interrupt', { prompt_id: id }, signal)
  }

  /** Has the server forget what it has computed, so that an equal graph is run and not answered from its execution cache. */
  async free(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    await this.#post(endpoint, 'free', { free_memory: true }, signal)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async #get(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<unknown> {
    return this.#session.json(endpoint, { method: 'GET', path, signal, timeoutMs: QUICK_MS })
  }

  async #post(endpoint: Endpoint, path: string, value: unknown, signal: AbortSignal): Promise<void> {
    await this.#session.send(endpoint, { method: 'POST', path, body: encodeJson(value), signal, timeoutMs: QUICK_MS })
  }
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

function unexpected({ url }: Endpoint, route: string, what: string): EndpointError {
  return callErrors.make('DDA_ENDPOINT_JSON/comfyui', { url, route, what }, { kind: 'bad-output', transient: true })
}
