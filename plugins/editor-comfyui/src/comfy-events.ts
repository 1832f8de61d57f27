import type { Socket } from 'node:net'
import type { Logger } from '@dda-thinker/plugin-api'
import { Connections, USER_AGENT } from '@dda-thinker/endpoints'
import { Agent, buildConnector, WebSocket } from 'undici'
import { object } from './failure.ts'

export interface ComfyEventsOptions {
  /** Base URL of the server, http or https. */
  readonly url: string
  readonly clientId: string
  readonly headers: Readonly<Record<string, string>>
  readonly log: Logger
}

const CONNECT_MS = 10_000
const CLOSE_MS = 500
const RECONNECT_MS = 1000
/** After these, history knows more. `executing` counts without a node only: then the job has ended. */
const ENDINGS = new Set(['execution_success', 'execution_error', 'execution_interrupted'])

/**
 * The event socket of one server (`/ws?clientId=`), shared by all jobs. It only says when to look: what became of a job
 * is read from history, so that a lost event costs time and never a result.
 */
export class ComfyEvents {
  readonly #options: ComfyEventsOptions
  readonly #agent: Agent
  readonly #connections = new Connections({ connectTimeoutMs: CONNECT_MS })
  readonly #wakers = new Map<string, () => void>()
  #tcp: Socket | undefined
  #socket: WebSocket | undefined
  #connecting: Promise<boolean> | undefined
  #closed = false
  #warned = false
  /** No new connection before this time, milliseconds. */
  #retryAt = 0

  constructor(options: ComfyEventsOptions) {
    this.#options = options
    const connect = buildConnector({ timeout: CONNECT_MS })
    this.#agent = new Agent({
      headersTimeout: CONNECT_MS,
      connect: (target, callback) =>
        connect(target, (...result) => {
          this.#tcp = result[1] ?? undefined
          callback(...result)
        }),
    })
  }

  /** Calls `wake` when the job may have ended, and when the socket is lost. Gives the way to end this. */
  listen(id: string, wake: () => void): () => void {
    this.#wakers.set(id, wake)
    return () => void this.#wakers.delete(id)
  }

  /** Makes sure that there is a connection. False: there can be none now. */
  async connect(): Promise<boolean> {
    if (this.#closed) return false
    if (this.#socket?.readyState === WebSocket.OPEN) return true
    if (this.#connecting === undefined && performance.now() < this.#retryAt) return false
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  /** Ends the connection, by force where the server does not agree in time. */
  async close(): Promise<void> {
    this.#closed = true
    const socket = this.#socket
    if (socket !== undefined && socket.readyState !== WebSocket.CLOSED) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_MS)
        socket.addEventListener('close', () => {
          clearTimeout(timer)
          resolve()
        })
        socket.close()
      })
    }
    this.#tcp?.destroy()
    await this.#agent.destroy()
    await this.#connections.close()
  }

  async #open(): Promise<boolean> {
    const { url, clientId, headers } = this.#options
    const target = `${url.replace(/^http/, 'ws')}/ws?clientId=${encodeURIComponent(clientId)}`
    const dispatcher = this.#connections.mayProxy(url) ? this.#connections.to(url) : this.#agent
    const socket = new WebSocket(target, { headers: { 'user-agent': USER_AGENT, ...headers }, dispatcher })
    // Previews of pictures come as binary messages; Blobs would be made for nothing.
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    return new Promise((resolve) => {
      let wasOpen = false
      socket.addEventListener('open', () => {
        wasOpen = true
        resolve(true)
      })
      socket.addEventListener('message', ({ data }) => this.#onMessage(data))
      const onEnd = (): void => {
        if (this.#socket !== socket) return
        this.#socket = undefined
        resolve(false)
        this.#onClose(wasOpen)
      }
      // A failed handshake ends in an error, with or without a close after it.
      socket.addEventListener('error', onEnd)
      socket.addEventListener('close', onEnd)
    })
  }

  #onMessage(data: unknown): void {
    if (typeof data !== 'string') return
    const { type, id, node } = read(data)
    if (!ENDINGS.has(type) && !(type === 'executing' && node === null)) return
    this.#wakers.get(id)?.()
  }

  #onClose(wasOpen: boolean): void {
    if (this.#closed) return
    this.#retryAt = performance.now() + RECONNECT_MS
    if (!this.#warned) {
      this.#warned = true
      this.#options.log.warn(`editor-comfyui: ${this.#options.url}: no websocket now; jobs are looked after by polling`)
    }
    if (!wasOpen) return
    for (const wake of this.#wakers.values()) wake()
  }
}

function read(text: string): { readonly type: string; readonly id: string; readonly node: unknown } {
  try {
    const { type, data } = object(JSON.parse(text))
    const { prompt_id: id, node } = object(data)
    return { type: String(type), id: String(id), node }
  } catch {
    return { type: '', id: '', node: undefined }
  }
}
