import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { encodeJson, type EndpointError, HttpClient, Redactor, Secret } from '@dda-thinker/endpoints'
import { errors } from '../errors.ts'
import type { JobKeeper, RayRecord } from './job-file.ts'
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
/** The same for a job of earlier, where somebody waits for an answer. */
const FORMER_PATIENCE = 3
const STOP_SECONDS = 60
/** A job's log comes whole each time; as much as fits into a text. */
const MAX_BODY_BYTES = 512 * 2 ** 20
const NEVER = new AbortController().signal
const NOBODY: JobKeeper = { write: () => undefined, remove: () => undefined }

/**
 * Submits a job by the Jobs REST interface of Ray (`POST /api/jobs/`, Ray 2.60) and follows it there. Its id is chosen here, and told to
 * `keeper` before it is sent: whenever this process ends, what it may have submitted can be found again.
 *
 * @throws DdaError `DDA_VERL_LAUNCH`
 */
export async function submitRayJob(
  options: RayOptions,
  { command, env, label }: VerlLaunch,
  signal?: AbortSignal,
  keeper: JobKeeper = NOBODY,
): Promise<VerlJob> {
  const api = new RayApi(options)
  const id = `dda-${randomUUID()}`
  const job = new RayJob(api, id)
  const body = {
    submission_id: id,
    entrypoint: command.map(shellQuote).join(' '),
    runtime_env: { env_vars: env },
    metadata: { name: label, by: 'dda-thinker' },
  }
  keeper.write({ kind: 'ray', address: api.address, id })
  try {
    const answer = await api.ask('POST', '/api/jobs/', body, signal)
    const { submission_id: given } = answer as { readonly submission_id?: unknown }
    if (given === id) return job
  } catch (cause) {
    if (isNotSubmitted(cause)) keeper.remove()
    // Ray may have it nevertheless; where it cannot be asked now, the next start asks.
    else await job.stop(undefined, 1).catch(() => undefined)
    signal?.throwIfAborted()
    throw errors.make('DDA_VERL_LAUNCH', { why: (cause as Error).message }, { cause, kind: 'unavailable' })
  }
  throw errors.make('DDA_VERL_LAUNCH', { why: `${options.address} gave no submission_id` }, { kind: 'bad-output' })
}

/**
 * Ends a job that an earlier `dda train` has left, and waits until Ray says that it has ended.
 *
 * @returns was there one?
 * @throws Error where Ray cannot be asked, or does not end it; the signal's reason
 */
export async function endFormerRayJob(options: RayOptions, { id }: RayRecord, signal: AbortSignal): Promise<boolean> {
  return new RayJob(new RayApi(options), id).stop(signal, FORMER_PATIENCE)
}

/** Nobody was there to take it, or who was there has refused it. */
function isNotSubmitted(cause: unknown): boolean {
  const status = statusOf(cause)
  return (cause as Partial<EndpointError>).unreachable === true || (status >= 400 && status < 500)
}

function statusOf(error: unknown): number {
  return (error as Partial<EndpointError>).status ?? 0
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

  async state(signal?: AbortSignal, patience = PATIENCE): Promise<JobState> {
    const { status } = (await this.#api.insist(this.#path, signal, patience)) as { readonly status?: unknown }
    const state = typeof status === 'string' ? STATES[status] : undefined
    if (state === undefined) throw new TypeError(`the status of the job is ${JSON.stringify(status)}`)
    return state
  }

  async log(signal?: AbortSignal): Promise<string> {
    const { logs } = (await this.#api.insist(`${this.#path}/logs`, signal)) as { readonly logs?: unknown }
    return typeof logs === 'string' ? logs : ''
  }

  /** @returns did it run still? */
  async stop(signal?: AbortSignal, patience = PATIENCE): Promise<boolean> {
    const until = performance.now() + STOP_SECONDS * 1000
    let asked = false
    while (performance.now() < until) {
      const state = await this.state(signal, patience).catch((error: unknown) => {
        // Ray does not know it: it never came there, or the cluster was begun anew.
        if (statusOf(error) === 404) return 'stopped'
        throw error
      })
      if (state !== 'pending' && state !== 'running') return asked
      if (!asked) await this.#api.ask('POST', `${this.#path}/stop`, undefined, signal)
      asked = true
      await wait(500, undefined, signal === undefined ? {} : { signal })
    }
    throw new Error(`Ray says that it runs, ${STOP_SECONDS} s after it was told to end`)
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
  async insist(path: string, signal?: AbortSignal, patience = PATIENCE): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.ask('GET', path, undefined, signal)
      } catch (error) {
        signal?.throwIfAborted()
        // A head that restarts is away; one that answers without the job has none.
        if (tries >= patience || statusOf(error) === 404) throw error
        await wait(Math.min(250 * 2 ** tries, 15_000), undefined, signal === undefined ? {} : { signal })
      }
    }
  }
}

/** For the POSIX shell that Ray runs entrypoints with. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
