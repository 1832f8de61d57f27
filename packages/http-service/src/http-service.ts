import { type AddressInfo } from 'node:net'
import { type DdaError, isDdaError } from '@dda-thinker/plugin-api'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Access } from './access.ts'
import { urlHost } from './addresses.ts'
import { errorBody, errorStatus } from './error-body.ts'
import { errors } from './errors.ts'
import { fromFastify } from './fastify-errors.ts'
import { DEEPEST, isDeeper } from './json-depth.ts'
import { guardHeaders } from './headers.ts'
import { addressProblem } from './require-address.ts'
import { requestSchemas } from './request-schemas.ts'
import { fired, waitFor } from './wait-for.ts'

export interface HttpServiceOptions {
  /** Address to listen on. Default `127.0.0.1`. Any other than loopback needs a token. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** What callers must carry, at least 16 characters. Default: none, which loopback alone allows. */
  readonly token?: string | undefined
  /** Names beside its address that it may be called by, such as that of a service in front of it. */
  readonly hosts?: readonly string[]
  /** Bytes of a body at most. Default 16 MiB. */
  readonly bodyLimit?: number
  /** Seconds that requests under way have to end in when the server drains, or tells them then. Default 30. */
  readonly drainSeconds?: number | (() => number)
  /** Paths that need no token beside `/healthz` and `/readyz`. */
  readonly open?: readonly string[]
  /** Status of errors that the routes throw. Default: 500 for all but those of this package. */
  readonly statusOf?: (error: DdaError) => number | undefined
  /** Told errors that are the server's own, which callers are not told. Default: nobody. */
  readonly onError?: (error: unknown) => void
}

export type ServiceState = 'starting' | 'ready' | 'draining' | 'ended'

/** Where a service can be called. */
export interface Listening {
  readonly host: string
  readonly port: number
  readonly url: string
}

/** Milliseconds in which the last answers reach their callers, of a server on which nothing is pending any more. */
const LAST_BYTES_MS = 1_000

/** A server that is loopback's own unless it has a token, answers errors in one shape, and ends without dropping a request. */
export interface HttpService {
  /** Routes and plugins are added to it before {@link listen}. */
  readonly app: FastifyInstance
  readonly state: ServiceState
  /** Requests under way, but for those of the health routes. */
  readonly pending: number
  /** @throws DdaError `DDA_HTTP_ADDRESS` */
  listen(): Promise<Listening>
  /** From now on `/readyz` says so. Before, it answers 503; requests are served all the same. */
  ready(): void
  /**
   * Ends it: new requests are answered 503, those under way have {@link HttpServiceOptions.drainSeconds}.
   *
   * @param abort ends the waiting at once
   * @returns requests that were cut off; 0 where nothing was lost
   */
  drain(abort?: AbortSignal): Promise<number>
  /** Serves until `stop` fires, then drains. @returns as {@link drain} */
  until(stop: AbortSignal, abort?: AbortSignal): Promise<number>
}

/** For a description of the interface made from the routes: not part of it. */
const UNLISTED: object = { hide: true }

const HEALTH = ['/healthz', '/readyz']

/**
 * A Fastify server in the frame that all of ours have.
 *
 * @throws DdaError `DDA_HTTP_NO_TOKEN`, `DDA_HTTP_TOKEN_WEAK`
 */
export function createHttpService(options: HttpServiceOptions = {}): HttpService {
  return new Service(options)
}

class Service implements HttpService {
  readonly app: FastifyInstance
  state: ServiceState = 'starting'
  pending = 0
  readonly #options: HttpServiceOptions
  readonly #access: Access
  readonly #open: ReadonlySet<string>
  readonly #bodyLimit: number
  #whenIdle: (() => void) | undefined

  constructor(options: HttpServiceOptions) {
    const { host = '127.0.0.1', token, hosts = [], bodyLimit = 16 * 2 ** 20 } = options
    this.#options = options
    this.#access = new Access({ host, token, hosts })
    this.#open = new Set([...HEALTH, ...(options.open ?? [])])
    this.#bodyLimit = bodyLimit
    this.app = fastify({
      bodyLimit,
      logger: false,
      // The time that a whole request may take to arrive, so that slow senders do not hold connections for ever.
      requestTimeout: 120_000,
      // Longer than clients keep theirs, or they send into a connection that is being closed.
      keepAliveTimeout: 75_000,
      forceCloseConnections: 'idle',
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
      frameworkErrors: (error, _request, reply) => void this.#fail(error, reply),
    })
    this.#frame()
  }

  async listen(): Promise<Listening> {
    const { host = '127.0.0.1', port = 0 } = this.#options
    try {
      await this.app.listen({ host, port })
    } catch (error) {
      throw addressProblem(error, host, port)
    }
    const bound = (this.app.server.address() as AddressInfo).port
    return { host, port: bound, url: `http://${urlHost(host)}:${bound}` }
  }

  ready(): void {
    if (this.state === 'starting') this.state = 'ready'
  }

  async drain(abort?: AbortSignal): Promise<number> {
    if (this.state === 'ended') return 0
    this.state = 'draining'
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve
      if (this.pending === 0) resolve()
    })
    const { drainSeconds = 30 } = this.#options
    const seconds = typeof drainSeconds === 'number' ? drainSeconds : drainSeconds()
    await waitFor(idle, seconds, abort)
    const lost = this.pending
    this.state = 'ended'
    const closing = this.app.close()
    // Whoever waits longer than that is cut off: a server that is told to end must end.
    if (lost > 0) this.app.server.closeAllConnections()
    // Connections on which nothing was asked yet, as browsers open ahead, are none of the idle ones: they would be waited for without end.
    const rest = setTimeout(() => this.app.server.closeAllConnections(), LAST_BYTES_MS)
    await closing
    clearTimeout(rest)
    return lost
  }

  async until(stop: AbortSignal, abort?: AbortSignal): Promise<number> {
    await fired(stop)
    return this.drain(abort)
  }

  #frame(): void {
    const { app } = this
    app.decorateRequest(COUNTED, false)
    app.setValidatorCompiler(requestSchemas())
    // As it is: what a schema does not name is not dropped in silence.
    app.setSerializerCompiler(() => (data) => JSON.stringify(data))
    app.setErrorHandler((error, _request, reply) => this.#fail(error, reply))
    app.setNotFoundHandler((request, reply) => {
      const { method, url } = request
      const others = app.supportedMethods.filter((other) => other !== method)
      const known = others.some((other) => app.hasRoute({ method: other, url: pathOf(url) }))
      return this.#fail(errors.make(known ? 'DDA_HTTP_METHOD' : 'DDA_HTTP_NOT_FOUND', { method }), reply)
    })
    // With callbacks, here and below: what happens at every request should not wait for promises that hold nothing.
    app.addHook('onRequest', (request, reply, done) => this.#admit(request, reply, done))
    app.addHook('onResponse', (request, _reply, done) => {
      this.#done(request)
      done()
    })
    app.addHook('onRequestAbort', (request, done) => {
      this.#done(request)
      done()
    })
    app.addHook('onSend', (_request, reply, payload, done) => {
      const headers = guardHeaders(String(reply.getHeader('content-type') ?? ''))
      for (const [name, value] of headers) if (!reply.hasHeader(name)) reply.header(name, value)
      if (this.state === 'draining') reply.header('connection', 'close')
      done(null, payload)
    })
    app.addHook('preValidation', (request, _reply, done) => {
      if (!isDeeper(request.body, DEEPEST)) return done()
      done(errors.make('DDA_HTTP_BODY_INVALID', { problem: `it is nested more than ${DEEPEST} deep` }))
    })
    app.get('/healthz', { schema: UNLISTED }, () => ({ status: 'ok' }))
    app.get('/readyz', { schema: UNLISTED }, (_request, reply) => {
      const status = this.state
      return reply.code(status === 'ready' ? 200 : 503).send({ status, pending: this.pending })
    })
  }

  /** @param done is not called where the request is answered here */
  #admit(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const refusal = this.#access.foreign(request)
    if (refusal !== undefined) return done(refusal)
    const path = pathOf(request.url)
    if (!this.#open.has(path) && !this.#access.knows(request)) {
      if (this.#enters(request, reply)) return
      return done(errors.make('DDA_HTTP_UNAUTHORISED'))
    }
    if (HEALTH.includes(path)) return done()
    if (this.state === 'draining' || this.state === 'ended') return done(errors.make('DDA_HTTP_DRAINING'))
    this.pending += 1
    request[COUNTED] = true
    done()
  }

  /** A page that is opened with `?token=` goes on without it: addresses are kept in histories. @returns whether it does */
  #enters(request: FastifyRequest, reply: FastifyReply): boolean {
    if (request.method !== 'GET') return false
    const url = new URL(request.url, 'http://here')
    const cookie = this.#access.cookie(url.searchParams.get('token') ?? undefined)
    if (cookie === undefined) return false
    url.searchParams.delete('token')
    // One slash: two would be another host's.
    const target = `/${url.pathname.replace(/^\/+/, '')}${url.search}`
    void reply.header('set-cookie', cookie).redirect(target, 303)
    return true
  }

  #done(request: FastifyRequest): void {
    if (!request[COUNTED]) return
    request[COUNTED] = false
    this.pending -= 1
    if (this.pending === 0) this.#whenIdle?.()
  }

  #fail(thrown: unknown, reply: FastifyReply): FastifyReply {
    const error = fromFastify(thrown, this.#bodyLimit)
    const status = isDdaError(error) ? (this.#options.statusOf?.(error) ?? errorStatus(error)) : 500
    if (status >= 500 && !(isDdaError(error) && error.code === 'DDA_HTTP_DRAINING')) this.#options.onError?.(error)
    if (status === 401) reply.header('www-authenticate', 'Bearer')
    if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1')
    return reply.code(status).type('application/json; charset=utf-8').send(errorBody(error))
  }
}

/** Of a request: is it counted as under way? */
const COUNTED = Symbol('counted')

declare module 'fastify' {
  interface FastifyRequest {
    [COUNTED]: boolean
  }
}

function pathOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
