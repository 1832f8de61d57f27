import { readFileSync } from 'node:fs'
import { request as send } from 'undici'
import { Connections } from './connections.ts'
import type { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'
import type { EncodedBody } from './multipart.ts'
import type { Redactor } from './secrets.ts'
import { readBody } from './read-body.ts'
import { responseError } from './response-error.ts'
import { transportError } from './transport-error.ts'

export interface HttpClientOptions {
  readonly redactor: Redactor
  /** Limit of a successful answer's body, bytes. Default 128 MiB (a base64 picture in JSON). */
  readonly maxBodyBytes?: number
  /** Milliseconds to establish a connection. Default 10 000. */
  readonly connectTimeoutMs?: number
  /** Where it finds a proxy, if there is one. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Default: connections of its own, closed with the client. */
  readonly connections?: Connections
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: EncodedBody
  readonly signal: AbortSignal
  /** Milliseconds for the whole exchange, body included. */
  readonly timeoutMs: number
  /** Media types of a good answer, for example `application/json`, `image/*`. Default: any. */
  readonly accept?: readonly string[]
  readonly maxBodyBytes?: number
  /** Texts of others in the body, which an error's answer may repeat: see {@link responseError}. */
  readonly sent?: readonly string[]
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** So that those who run a server can tell who asks. */
export const USER_AGENT = `dda-thinker/${(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version}`

/** Bytes of an error's body that are read for its message. */
const ERROR_BODY_BYTES = 64 * 1024

/**
 * One exchange at a time over undici: no retries (that is {@link RetryPolicy}), no redirects, no decompression, and none
 * of fetch's 300 s limits on headers and body, which a diffusion queue outlasts. Every way an exchange can fail ends in
 * an {@link EndpointError} with a failure kind; the caller's abort ends in the signal's reason.
 */
export class HttpClient {
  readonly #connections: Connections
  readonly #ownsConnections: boolean
  readonly #redactor: Redactor
  readonly #maxBodyBytes: number

  /** @throws DdaError `DDA_ENDPOINT_PROXY` */
  constructor(options: HttpClientOptions) {
    const { connections, redactor, maxBodyBytes = 128 * 1024 * 1024, connectTimeoutMs = 10_000, env } = options
    this.#connections = connections ?? new Connections({ connectTimeoutMs, env })
    this.#ownsConnections = connections === undefined
    this.#redactor = redactor
    this.#maxBodyBytes = maxBodyBytes
  }

  /** An answer with status 2xx, its type and size checked. @throws EndpointError for everything else. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.exchange(request)
    if (response.status < 200 || response.status > 299) {
      throw responseError(request.url, response, this.#redactor, request.sent)
    }
    checkType(request, response, this.#redactor)
    return response
  }

  /** Like {@link send}, but answers with other statuses are given to the caller, their bodies cut at 64 KiB. */
  async exchange(request: HttpRequest): Promise<HttpResponse> {
    const { signal, url } = request
    signal.throwIfAborted()
    const scope = new AbortController()
    const onAbort = (): void => scope.abort()
    // By hand instead of AbortSignal.any: nothing may stay attached to a run's signal after a call.
    signal.addEventListener('abort', onAbort, { once: true })
    let late = false
    const timer = setTimeout(() => {
      late = true
      scope.abort()
    }, request.timeoutMs)
    const progress = { headers: false }
    try {
      return await this.#exchange(request, scope.signal, progress)
    } catch (error) {
      signal.throwIfAborted()
      if (late) throw timedOut(url, request.timeoutMs, this.#redactor)
      throw transportError(url, error, progress.headers, this.#redactor)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #exchange(request: HttpRequest, signal: AbortSignal, progress: { headers: boolean }): Promise<HttpResponse> {
    const { body, method, url, accept } = request
    const response = await send(url, {
      method,
      headers: {
        'accept-encoding': 'identity',
        'user-agent': USER_AGENT,
        ...(accept === undefined ? {} : { accept: accept.join(', ') }),
        ...(body === undefined ? {} : { 'content-type': body.contentType }),
        ...request.headers,
      },
      body: body === undefined ? null : Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength),
      signal,
      dispatcher: this.#connections.to(url),
    })
    progress.headers = true
    const headers = flatten(response.headers)
    const good = response.statusCode >= 200 && response.statusCode <= 299
    const bytes = await readBody(response.body, {
      url: this.#redactor.redact(url),
      limit: good ? (request.maxBodyBytes ?? this.#maxBodyBytes) : ERROR_BODY_BYTES,
      declared: Number(headers['content-length'] ?? Number.NaN),
      encoding: headers['content-encoding'],
      cut: !good,
    })
    return { status: response.statusCode, headers, body: bytes }
  }

  async close(): Promise<void> {
    if (this.#ownsConnections) await this.#connections.close()
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

function checkType({ accept, url }: HttpRequest, { headers, body, status }: HttpResponse, redactor: Redactor): void {
  if (accept === undefined) return
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const fits = accept.some((one) => (one.endsWith('/*') ? type.startsWith(one.slice(0, -1)) : type === one))
  if (fits) return
  const start = redactor.excerpt(Buffer.from(body.subarray(0, 2048)).toString('utf8'), 120)
  const said = type === '' ? 'without a content type' : `as ${redactor.excerpt(type, 60)}`
  throw callErrors.make(
    'DDA_ENDPOINT_CONTENT_TYPE',
    { url: redactor.redact(url), said, start, expected: accept.join(' or ') },
    { kind: 'bad-output', transient: true, status },
  )
}

function timedOut(url: string, timeoutMs: number, redactor: Redactor): EndpointError {
  return callErrors.make(
    'DDA_ENDPOINT_TIMEOUT/call',
    { url: redactor.redact(url), seconds: timeoutMs / 1000 },
    { kind: 'timeout' },
  )
}
