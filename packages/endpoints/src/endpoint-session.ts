import { isDdaError, type Cost, type Logger, type ServiceCall } from '@dda-thinker/plugin-api'
import { ControlCall } from './control-call.ts'
import type { EndpointOptions } from './endpoint-options.ts'
import { EndpointPool } from './endpoint-pool.ts'
import type { Endpoint } from './endpoint.ts'
import { callErrors } from './errors.ts'
import { HttpClient, type HttpRequest, type HttpResponse } from './http-client.ts'
import { extraHeaders, type ExtraHeaders } from './request-headers.ts'
import { RefusalWatch } from './refusal-watch.ts'
import { RetryPolicy } from './retry-policy.ts'
import { Redactor, Secret } from './secrets.ts'

export interface EndpointSessionOptions {
  readonly options: EndpointOptions
  /** For log lines: the plugin's name. */
  readonly name: string
  readonly log: Logger
  /** The meter of the role's context, where there is one. */
  readonly meter?: ((call: ServiceCall) => void) | undefined
  /** Largest good answer, bytes. */
  readonly maxBodyBytes?: number
  /** A health route below the base URL, asked before a failing endpoint is trusted again. */
  readonly healthPath?: string
  /** Throws where the health route's answer, parsed, says that the endpoint is not ready. */
  readonly checkHealth?: (answer: unknown, url: string) => void
  /**
   * A call of the role that is made up, on one endpoint; the session has only that one and repeats nothing. It is made where the run would
   * stop since nothing passes: where it passes, what fails does so by itself, and is masked. Default: none, such a run stops
   */
  readonly control?: (session: EndpointSession, signal: AbortSignal) => Promise<unknown>
  readonly env?: NodeJS.ProcessEnv
}

export type SessionRequest = Omit<HttpRequest, 'url' | 'timeoutMs'> & {
  /** Below the base URL, without a leading slash. */
  readonly path: string
  readonly timeoutMs?: number
}

/** Seconds for health routes and lists of models. */
export const QUICK_MS = 15_000

/** Pauses from which on they are a warning, milliseconds. */
const WORTH_TELLING_MS = 10_000

/** What a role with endpoints holds from `open` to `close`: pool, client, key and redactor, made from shared options. */
export class EndpointSession {
  readonly pool: EndpointPool
  readonly redactor: Redactor
  readonly #client: HttpClient
  readonly #settings: EndpointSessionOptions
  readonly #key: Secret | undefined
  readonly #extra: ExtraHeaders
  readonly #refusals: RefusalWatch
  readonly #control: ControlCall
  /** Samples that failed alone: something else passed meanwhile. */
  readonly #alone = new Set<string>()
  #runs = 0

  /** @throws DdaError `DDA_ENDPOINT_KEY_MISSING`, `DDA_ENDPOINT_HEADER`, `DDA_ENDPOINT_PROXY` */
  constructor(settings: EndpointSessionOptions) {
    const { options, healthPath } = settings
    this.#settings = settings
    this.#key = Secret.fromEnv(options.apiKeyEnv, settings.env)
    this.#extra = extraHeaders(options, settings.env)
    this.redactor = new Redactor([this.#key, ...Object.values(this.#extra.secret)])
    this.#client = new HttpClient({
      redactor: this.redactor,
      env: settings.env,
      ...(settings.maxBodyBytes === undefined ? {} : { maxBodyBytes: settings.maxBodyBytes }),
    })
    this.#control = new ControlCall((signal) => this.#works(signal))
    this.#refusals = new RefusalWatch({
      places: options.endpoints.length * options.perEndpoint,
      patienceMs: options.giveUpSeconds * 1000,
      works: (signal) => this.#control.passes(signal),
    })
    this.pool = new EndpointPool({
      urls: options.endpoints,
      perEndpoint: options.perEndpoint,
      adaptive: options.adaptive,
      strategy: options.strategy,
      breaker: { failures: options.breakerFailures, cooldownMs: options.breakerSeconds * 1000 },
      giveUpAfterMs: options.giveUpSeconds * 1000,
      maxPauseMs: options.maxPauseSeconds * 1000,
      onPause: ({ url }, ms) => this.#tellPause(url, ms),
      onOutage: (reason) => this.#tellOutage(reason),
      retry: new RetryPolicy({ attempts: options.attempts, baseDelayMs: options.retryDelaySeconds * 1000 }),
      ...(healthPath === undefined
        ? {}
        : {
            probe: (endpoint, signal) => this.health(endpoint, signal),
          }),
    })
  }

  /** Headers with the key, and those of the config, for the endpoints themselves and nobody else. */
  authorization(): Readonly<Record<string, string>> {
    const secret = Object.entries(this.#extra.secret).map(([name, value]) => [name, value.reveal()])
    const further = { ...this.#extra.plain, ...(Object.fromEntries(secret) as Readonly<Record<string, string>>) }
    if (this.#key === undefined) return further
    const header = this.#settings.options.apiKeyHeader.toLowerCase()
    const key = this.#key.reveal()
    return { ...further, [header]: header === 'authorization' ? `Bearer ${key}` : key }
  }

  /** One exchange with one endpoint: no retry, no limit. */
  async send(endpoint: Endpoint, request: SessionRequest): Promise<HttpResponse> {
    const { path, timeoutMs = this.#settings.options.timeoutSeconds * 1000, headers, ...rest } = request
    return this.#client.send({
      ...rest,
      url: path === '' ? endpoint.url : `${endpoint.url}/${path}`,
      timeoutMs,
      headers: { ...headers, ...this.authorization() },
    })
  }

  /** Like {@link send}, for an answer in JSON. @throws DdaError `DDA_ENDPOINT_JSON` where it does not parse. */
  async json(endpoint: Endpoint, request: Omit<SessionRequest, 'accept'>): Promise<unknown> {
    const { body } = await this.send(endpoint, { ...request, accept: ['application/json'] })
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
    try {
      return JSON.parse(text) as unknown
    } catch {
      const start = text.trim() === '' ? '(an empty body)' : this.redactor.excerpt(text.slice(0, 2048), 80)
      throw callErrors.make('DDA_ENDPOINT_JSON', { url: endpoint.url, start }, { kind: 'bad-output', transient: true })
    }
  }

  /** Asks the health route, where there is one. @throws as {@link send}, and what `checkHealth` throws */
  async health(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    const { healthPath, checkHealth } = this.#settings
    if (healthPath === undefined) return
    const request = { method: 'GET', path: healthPath, signal, timeoutMs: QUICK_MS } as const
    if (checkHealth === undefined) await this.send(endpoint, request)
    else checkHealth(await this.json(endpoint, request), endpoint.url)
  }

  /**
   * Work on an endpoint of the pool, with limits and retries. Each attempt is told to the meter.
   * @param work says what it cost through `bill` as soon as it knows, so that useless answers are counted too
   * @param input names the sample that is worked on (see `sampleInput`), the same for all calls about it: what several inputs are refused for is not
   *   the fault of one (see {@link RefusalWatch}). Default: every call is an input of its own
   */
  async run<T>(
    work: (endpoint: Endpoint, bill: (cost: Cost) => void) => Promise<T>,
    signal: AbortSignal,
    input: string = `call ${this.#runs++}`,
  ): Promise<T> {
    const { log, name } = this.#settings
    let began = 0
    const attempt = (endpoint: Endpoint): Promise<T> => {
      began = performance.now()
      return this.#metered(work, endpoint, signal)
    }
    for (let first = true; ; first = false) {
      try {
        const result = await this.pool.run(attempt, {
          signal,
          alone: this.#settings.control === undefined ? undefined : this.#alone.has(input),
          onRetry: (error, delayMs) => {
            const text = error instanceof Error ? error.message : String(error)
            log.debug(`${name}: again in ${Math.round(delayMs)} ms: ${this.redactor.redact(text)}`)
          },
        })
        this.#refusals.onSuccess(began)
        this.#control.onSuccess()
        this.#alone.delete(input)
        return result
      } catch (error) {
        if (signal.aborted) throw error
        const isDown = isDdaError(error) && error.code === 'DDA_ENDPOINT_DOWN'
        if (!isDown || !first || !(await this.#control.passes(signal)))
          throw await this.#refusals.settle(error, input, signal)
        this.#alone.add(input)
      }
    }
  }

  async #works(signal: AbortSignal): Promise<boolean> {
    const { control, options, name, log, ...rest } = this.#settings
    if (control === undefined) return false
    const began = performance.now()
    const works = await this.pool.proves(async ({ url }) => {
      const one = new EndpointSession({ ...rest, name, log, options: { ...options, endpoints: [url], attempts: 1 } })
      try {
        await control(one, signal)
      } finally {
        await one.close()
      }
    })
    if (works) this.#refusals.onSuccess(began)
    const found = works ? 'passes: what failed does so by itself' : 'fails too'
    log.warn(`${name}: nothing passes, so a made-up call was made: it ${found}`)
    return works
  }

  #tellPause(url: string, ms: number): void {
    const { log, name } = this.#settings
    const until = new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, 'Z')
    const line = `${name}: ${url} asks to be left alone for ${Math.ceil(ms / 1000)} s, until ${until}`
    // A few seconds are everyday life with a rate limit.
    if (ms < WORTH_TELLING_MS) log.debug(line)
    else log.warn(line)
  }

  #tellOutage(reason: string | undefined): void {
    const { log, name, options } = this.#settings
    if (reason === undefined) log.info(`${name}: answered again`)
    else
      log.warn(
        `${name}: no endpoint works, waiting for up to ${options.giveUpSeconds} s: ${this.redactor.redact(reason)}`,
      )
  }

  async #metered<T>(
    work: (endpoint: Endpoint, bill: (cost: Cost) => void) => Promise<T>,
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<T> {
    const { meter, options } = this.#settings
    if (meter === undefined) return work(endpoint, () => undefined)
    const begun = performance.now()
    let billed: Cost | undefined
    const tell = (end: Pick<ServiceCall, 'failed'>, perCall: number) => {
      const cost = priced(options.price, billed, perCall)
      const ms = Math.round((performance.now() - begun) * 10) / 10
      meter({ endpoint: endpoint.url, ms, ...end, ...(cost === undefined ? {} : { cost }) })
    }
    try {
      const result = await work(endpoint, (cost) => void (billed = cost))
      tell({}, options.price?.perCall ?? 0)
      return result
    } catch (error) {
      // Also what was broken off: a deadline is a time-out, and the server may have worked for an early end.
      const kind = isDdaError(error) ? error.kind : undefined
      tell({ failed: kind ?? (signal.aborted ? 'timeout' : 'plugin-error') }, 0)
      throw error
    }
  }

  /** Ends all connections and leaves one log line for each endpoint. Further calls do nothing. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#control.close()
    const { log, name } = this.#settings
    for (const { url, calls, succeeded, failures, busyMs } of this.pool.status()) {
      if (calls === 0) continue
      const failed = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`)
      const mean = succeeded === 0 ? '' : `, ${Math.round(busyMs / succeeded)} ms each`
      log.info(`${name}: ${url}: ${calls} calls, ${[`${succeeded} good${mean}`, ...failed].join(', ')}`)
    }
    await this.#client.close()
  }

  #closed = false
}

/** A cost with money: as billed, or else by the prices. */
function priced(price: EndpointOptions['price'], billed: Cost | undefined, perCall: number): Cost | undefined {
  if (price === undefined || billed?.money !== undefined) return billed
  const { inputPerMillionTokens = 0, outputPerMillionTokens = 0 } = price
  const { inputTokens = 0, outputTokens = 0 } = billed ?? {}
  const money = perCall + (inputTokens * inputPerMillionTokens + outputTokens * outputPerMillionTokens) / 1e6
  return money === 0 ? billed : { ...billed, money }
}
