import { encodeJson, HttpClient, Redactor, responseError, Secret } from '@dda-thinker/endpoints'
import { errors } from './errors.ts'
import type { Batch, Entry } from './limits.ts'

export interface MlflowServerOptions {
  /** Base URL of the tracking server. */
  readonly url: string
  readonly timeoutMs: number
  /** Where credentials are, by the names that MLflow's own clients use. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv
}

/** A run on the server. */
export interface ServerRun {
  readonly id: string
  readonly experiment: string
}

export type RunState = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'

/** The calls of MLflow's REST API that are needed, each one exchange without retries. */
export class MlflowServer {
  readonly url: string
  readonly #client: HttpClient
  readonly #headers: Readonly<Record<string, string>>
  readonly #redactor: Redactor
  readonly #timeoutMs: number

  /** @throws DdaError `DDA_ENDPOINT_KEY_MISSING`, `DDA_ENDPOINT_PROXY` */
  constructor({ url, timeoutMs, env = process.env }: MlflowServerOptions) {
    this.url = url.replace(/\/+$/, '')
    this.#timeoutMs = timeoutMs
    const given = (name: string) => ((env[name] ?? '') === '' ? undefined : Secret.fromEnv(name, env, /^[\x20-\x7e]+$/))
    const token = given('MLFLOW_TRACKING_TOKEN')
    const [user, password] = [given('MLFLOW_TRACKING_USERNAME'), given('MLFLOW_TRACKING_PASSWORD')]
    const basic =
      user === undefined || password === undefined
        ? undefined
        : new Secret(Buffer.from(`${user.reveal()}:${password.reveal()}`).toString('base64'))
    const authorization =
      token !== undefined ? `Bearer ${token.reveal()}` : basic === undefined ? undefined : `Basic ${basic.reveal()}`
    this.#headers = authorization === undefined ? {} : { authorization }
    this.#redactor = new Redactor([token, password, basic])
    this.#client = new HttpClient({ redactor: this.#redactor, maxBodyBytes: 8 * 2 ** 20, env })
  }

  /** Id of the experiment of a name, which is made where there is none. */
  async experiment(name: string, signal: AbortSignal): Promise<string> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
    const found = await this.#call('GET', query, undefined, signal)
    if (found === undefined) {
      const made = await this.#call('POST', 'experiments/create', { name }, signal).catch(async (error: unknown) => {
        // Another run has made it meanwhile.
        const now = await this.#call('GET', query, undefined, signal).catch(() => undefined)
        if (now === undefined) throw error
        return { experiment_id: read(now, 'experiment', 'experiment_id') }
      })
      return this.#text(made, 'experiments/create', 'experiment_id')
    }
    if (read(found, 'experiment', 'lifecycle_stage') === 'deleted')
      throw errors.make('DDA_MLFLOW_EXPERIMENT', { experiment: name, url: this.url })
    return this.#text(found, 'experiments/get-by-name', 'experiment', 'experiment_id')
  }

  async createRun(experiment: string, name: string, tags: readonly Entry[], signal: AbortSignal): Promise<ServerRun> {
    const body = { experiment_id: experiment, run_name: name, start_time: Date.now(), tags }
    const made = await this.#call('POST', 'runs/create', body, signal)
    return { id: this.#text(made, 'runs/create', 'run', 'info', 'run_id'), experiment }
  }

  /** The last step that the server has of a run; undefined where it has no such run, or has it among the deleted ones. */
  async lastStep(id: string, signal: AbortSignal): Promise<number | undefined> {
    const found = await this.#call('GET', `runs/get?run_id=${encodeURIComponent(id)}`, undefined, signal)
    if (found === undefined || read(found, 'run', 'info', 'lifecycle_stage') === 'deleted') return undefined
    const metrics = read(found, 'run', 'data', 'metrics')
    const steps = (Array.isArray(metrics) ? metrics : []).map((metric) => Number(read(metric, 'step')))
    return steps.reduce((last, step) => (Number.isFinite(step) ? Math.max(last, step) : last), 0)
  }

  async log(id: string, batch: Batch, signal: AbortSignal): Promise<void> {
    await this.#call('POST', 'runs/log-batch', { run_id: id, ...batch }, signal)
  }

  async setState(id: string, status: RunState, signal: AbortSignal): Promise<void> {
    const end = status === 'RUNNING' ? {} : { end_time: Date.now() }
    await this.#call('POST', 'runs/update', { run_id: id, status, ...end }, signal)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  /** The answer; undefined where MLflow says that it has no such thing. */
  async #call(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const url = `${this.url}/api/2.0/mlflow/${path}`
    const response = await this.#client.exchange({
      method,
      url,
      headers: this.#headers,
      ...(body === undefined ? {} : { body: encodeJson(body) }),
      signal,
      timeoutMs: this.#timeoutMs,
    })
    const { status } = response
    const answer = parsed(Buffer.from(response.body).toString('utf8'))
    if (status === 404 && read(answer, 'error_code') === 'RESOURCE_DOES_NOT_EXIST' && method === 'GET') return undefined
    if (status < 200 || status > 299) throw responseError(url, response, this.#redactor)
    if (answer !== undefined) return answer
    throw errors.make('DDA_MLFLOW_ANSWER', { url: this.url, call: path.replace(/\?.*/, '') })
  }

  #text(value: unknown, call: string, ...path: readonly string[]): string {
    const found = read(value, ...path)
    if (typeof found === 'string' && found !== '') return found
    throw errors.make('DDA_MLFLOW_ANSWER', { url: this.url, call })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function read(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[key] : undefined),
    value,
  )
}
