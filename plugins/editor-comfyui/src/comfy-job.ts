import { randomUUID } from 'node:crypto'
import type { Endpoint, EndpointError, Redactor } from '@dda-thinker/endpoints'
import type { ComfyApi, HistoryEntry } from './comfy-api.ts'
import type { ComfyEvents } from './comfy-events.ts'
import { failedJob, lostJob } from './failure.ts'
import { outputOf } from './output.ts'
import type { EditorOptions } from './options.ts'
import type { Repeats } from './repeats.ts'
import { Alarm } from './waiting.ts'
import type { Graph } from './workflow.ts'

export interface ComfyJobOptions {
  readonly api: ComfyApi
  readonly endpoint: Endpoint
  readonly events: ComfyEvents | undefined
  readonly clientId: string
  readonly slotNodes: ReadonlySet<string>
  /** As it is sent. */
  readonly plan: string
  readonly options: EditorOptions
  readonly redactor: Redactor
  readonly repeats: Repeats
  /** Ends the job: the caller's abort or the deadline. */
  readonly signal: AbortSignal
}

/** Between two looks where a websocket tells the end: only for events that were lost. */
const SAFETY_MS = 15_000

/** One graph on one server, from the queue to the bytes of its picture. It stays with the server that took it. */
export class ComfyJob {
  readonly #given: ComfyJobOptions
  readonly #alarm = new Alarm()
  #id: string = randomUUID()
  #state: 'new' | 'sent' | 'accepted' | 'ended' = 'new'

  constructor(given: ComfyJobOptions) {
    this.#given = given
  }

  get id(): string {
    return this.#id
  }

  /** May there be something on the server to cancel? */
  get isOpen(): boolean {
    return this.#state === 'sent' || this.#state === 'accepted'
  }

  /** Bytes of the result, unchecked. @throws DdaError as the job failed; the signal's reason */
  async run(graph: Graph): Promise<Uint8Array> {
    const { api, endpoint, events, repeats, options, signal } = this.#given
    await events?.connect()
    await this.#room()
    const stop = events?.listen(this.#id, () => this.#alarm.ring())
    try {
      await this.#submit(graph)
      const entry = await this.#end()
      this.#state = 'ended'
      if (entry.status['status_str'] === 'error') throw failedJob(entry.status, this.#given.redactor, this.#given.plan)
      const file = outputOf(entry.outputs, options.output)
      // The picture is bought: asking for it again costs nothing, another job would.
      return await repeats.run(() => api.view(endpoint, file, signal), signal)
    } finally {
      stop?.()
    }
  }

  /** Waits while the queue of the server is full. There is no job yet, so nothing ties the edit to a server that fails: it goes elsewhere. */
  async #room(): Promise<void> {
    const { api, endpoint, options, signal } = this.#given
    const { queueLimit, pollSeconds } = options
    if (queueLimit === undefined) return
    while ((await api.queueLength(endpoint, signal)) >= queueLimit) {
      await new Alarm().wait(pollSeconds * 1000, signal)
    }
  }

  async #submit(graph: Graph): Promise<void> {
    const { api, endpoint, clientId, slotNodes, plan, signal } = this.#given
    this.#state = 'sent'
    try {
      const accepted = await api.submit(endpoint, { id: this.#id, clientId, graph, slotNodes, plan }, signal)
      // An old server's own id: events under it may have been missed, so the first look comes at once.
      if (accepted !== this.#id) this.#alarm.ring()
      this.#id = accepted
    } catch (error) {
      const { status, code, unreachable = false } = error as Partial<EndpointError>
      const isAnswered = status !== undefined || unreachable
      if (isAnswered) this.#state = 'new'
      // Refusals are answers. Anything else may be a lost answer to a job that was taken: it has our id.
      if (isAnswered || code === 'DDA_EDITOR_GRAPH' || !(await this.#isKnown())) throw error
    }
    this.#state = 'accepted'
  }

  /** A server that is away is waited for: it may come back with the job. */
  async #isKnown(): Promise<boolean> {
    const { api, endpoint, repeats, signal } = this.#given
    const look = async (): Promise<boolean> => {
      if ((await api.queued(endpoint, this.#id, signal)) !== undefined) return true
      return (await api.history(endpoint, this.#id, signal)) !== undefined
    }
    return repeats.run(look, signal).catch(() => false)
  }

  async #end(): Promise<HistoryEntry> {
    const { events, repeats, options, signal } = this.#given
    for (;;) {
      const told = (await events?.connect()) ?? false
      const pollMs = options.pollSeconds * 1000
      await this.#alarm.wait(told ? Math.max(SAFETY_MS, pollMs) : pollMs, signal)
      const entry = await repeats.run(() => this.#look(), signal)
      if (entry !== undefined) return entry
    }
  }

  async #look(): Promise<HistoryEntry | undefined> {
    const { api, endpoint, signal } = this.#given
    const entry = await api.history(endpoint, this.#id, signal)
    if (entry !== undefined) return entry
    if ((await api.queued(endpoint, this.#id, signal)) !== undefined) return undefined
    // It may have ended between the two questions: then history has it by now.
    const late = await api.history(endpoint, this.#id, signal)
    if (late !== undefined) return late
    this.#state = 'ended'
    throw lostJob(endpoint.url)
  }
}
