import { setTimeout as wait } from 'node:timers/promises'
import { encodeJson, HttpClient, Redactor, Secret } from '@dda-thinker/endpoints'
import { errors } from '../errors.ts'
import type { JobState, VerlJob, VerlLaunch } from './verl-job.ts'

export interface RayOptions {
  /** Base URL of the dashboard. */
  readonly address: string
  readonly token?: string
  /** Seconds for one request. */
  readonly timeoutSeconds?: number
}

const STATES: Readonly<Record<string, JobState>> = {
  PENDING: 'pending',
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  STOPPED: 'stopped',
}
const TIMEOUT_SECONDS = 60
/** Looks in a row that may fail before the job is given up: a dashboard that restarts is away for a while. */
const PATIENCE = 10
const STOP_SECONDS = 60
/** A job's log comes whole each time; as much as fits into a text. */
const MAX_BODY_BYTES = 512 * 2 ** 20
const NEVER = new AbortController().signal

/**
 * Submits a job by the Jobs REST interface of Ray (`POST /api/jobs/`, Ray 2.60) and follows it there.
 *
 * @throws DdaError `DDA_VERL_LAUNCH`
 */
export async function submitRayJob(
  options: RayOptions,
  { command, env, label }: VerlLaunch,
  signal?: AbortSignal,
): Promise<VerlJob> {
  const api = new RayApi(options)
  const body = {
    entrypoint: command.map(shellQuote).join(' '),
    runtime_env: { env_vars: env },
    metadata: { name: label, by: 'dda-thinker' },
  }
  const answer = await api.ask('POST', '/api/jobs/', body, signal).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw errors.make('DDA_VERL_LAUNCH', { why: (cause as Error).message }, { cause, kind: 'unavailable' })
  })
  const { submission_id: id } = answer as { readonly submission_id?: unknown }
  if (typeof id !== 'string')
    throw errors.make('DDA_VERL_LAUNCH', { why: `${options.address} gave no submission_id` }, { kind: 'bad-output' })
  return new RayJob(api, id)
}

class RayJob implements VerlJob {
  readonly name: string
  readonly #api: RayApi
  readonly #path: string

  constructor(api: RayApi, id: string) {
    this.#api = api
    this.#path = `/api/jobs/${encodeURIComponent(id)}`
    this.name = `${api.address}, job ${id}`
  }

  async state(signal?: AbortSignal): Promise<JobState> {
    const { status } = (await this.#api.insist(this.#path, signal)) as { readonly status?: unknown }
    const state = typeof status === 'string' ? STATES[status] : undefined
    if (state === undefined) throw new TypeError(`the status of the job is ${JSON.stringify(status)}`)
    return state
  }

  async log(signal?: AbortSignal): Promise<string> {
    const { logs } = (await this.#api.insist(`${this.#path}/logs`, signal)) as { readonly logs?: unknown }
    return typeof logs === 'string' ? logs : ''
  }

  async stop(): Promise<void> {
    const until = performance.now() + STOP_SECONDS * 1000
    let asked = false
    while (performance.now() < until) {
      const state = await this.state()
      if (state !== 'pending' && state !== 'running') return
      if (!asked) await this.#api.ask('POST', `${this.#path}/stop`)
      asked = true
      await wait(500)
    }
  }
}

/** Not by `fetch`: it sends `sec-fetch-mode`, by which Ray takes it for a browser, and refuses whatever is no GET (405). */
class RayApi {
  readonly address: string
  readonly #client: HttpClient
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeout: number

  constructor({ address, token, timeoutSeconds = TIMEOUT_SECONDS }: RayOptions) {
    this.address = address.replace(/\/+$/, '')
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const redactor = new Redactor([token === undefined ? undefined : new Secret(token)])
    this.#client = new HttpClient({ redactor, maxBodyBytes: MAX_BODY_BYTES })
    this.#timeout = timeoutSeconds * 1000
  }

  async ask(method: 'GET' | 'POST', path: string, body?: unknown, signal = NEVER): Promise<unknown> {
    const answer = await this.#client.send({
      method,
      url: `${this.address}${path}`,
      headers: this.#headers,
      ...(body === undefined ? {} : { body: encodeJson(body) }),
      signal,
      timeoutMs: this.#timeout,
    })
    const text = Buffer.from(answer.body).toString('utf8')
    return text === '' ? {} : JSON.parse(text)
  }

  /** A look that may be repeated. */
  async insist(path: string, signal?: AbortSignal): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.ask('GET', path, undefined, signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (tries >= PATIENCE) throw error
        await wait(Math.min(250 * 2 ** tries, 15_000), undefined, signal === undefined ? {} : { signal })
      }
    }
  }
}

/** For the POSIX shell that Ray runs entrypoints with. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
