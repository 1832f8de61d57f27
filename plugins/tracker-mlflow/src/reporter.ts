import { setTimeout as wait } from 'node:timers/promises'
import type { DdaError } from '@dda-thinker/plugin-api'
import { mayPass } from '@dda-thinker/endpoints'
import { errors } from './errors.ts'
import { batchesOf, type Entry, keyOf, type Metric } from './limits.ts'
import type { MlflowServer, ServerRun } from './mlflow-server.ts'
import { describeRun, endOf, readServerRun, recordedSteps, type StepMetrics, writeServerRun } from './run-facts.ts'

export interface ReporterOptions {
  /** Base URL. */
  readonly url: string
  /** Made with the first step. What it throws ends the reporting alone. */
  readonly connect: () => MlflowServer
  readonly runDir: string
  readonly experiment: string
  readonly runName: string
  readonly tags: readonly Entry[]
  /** Seconds that the end of the run waits for what is not sent. */
  readonly flushSeconds: number
  /** Told once, when the server is first not there. */
  readonly warn: (message: string) => void
}

/** Steps that wait in memory while the server is away; what is more is read from metrics.jsonl again. */
const MOST = 500
/** Steps that go in one go. */
const AT_ONCE = 50
/** Seconds between two tries, doubling. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1, 60]

type Waiting = StepMetrics & { readonly timestamp: number }

/**
 * Sends steps to the server beside the training, which never waits for it. The server's own run says what it has, so a run that
 * continues sends what is missing, and nothing twice.
 */
export class Reporter {
  readonly #options: ReporterOptions
  readonly #abort = new AbortController()
  #waiting: Waiting[] = []
  #server: MlflowServer | undefined
  #run: ServerRun | undefined
  /** Last step that the server has. */
  #sent = 0
  /** First step that was not kept in memory. */
  #left: number | undefined
  #sending: Promise<void> | undefined
  #failure: unknown
  #worked = false
  #warned = false

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /** Takes a step up and returns at once. */
  add(step: StepMetrics): void {
    if (this.#waiting.length < MOST) this.#waiting.push({ ...step, timestamp: Date.now() })
    else this.#left ??= step.step
    if (this.#failure === undefined) this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
  }

  /** Sends what is left, within the time there is. @returns what is not on the server, if anything */
  async close(): Promise<DdaError | undefined> {
    const { runDir, flushSeconds } = this.#options
    const timer = setTimeout(() => this.#abort.abort(), flushSeconds * 1000)
    try {
      await this.#sending
      // Those that memory did not keep are recorded by now.
      if (this.#left !== undefined && this.#failure === undefined) {
        await this.#catchUp(this.#left - 1, Number.POSITIVE_INFINITY).catch((error: unknown) => (this.#failure = error))
      }
      if (this.#run !== undefined && this.#failure === undefined && !this.#abort.signal.aborted) {
        const { id } = this.#run
        const state = await endOf(runDir)
        await this.#persist((server) => server.setState(id, state, this.#abort.signal)).catch(() => undefined)
      }
      return this.#unsent()
    } finally {
      clearTimeout(timer)
      await this.#server?.close()
    }
  }

  #unsent(): DdaError | undefined {
    const steps = this.#waiting.map(({ step }) => step).filter((step) => step > this.#sent)
    const first = steps[0] ?? this.#left
    if (first === undefined) return undefined
    const late = `they could not be sent within ${this.#options.flushSeconds} s`
    const why = this.#failure === undefined ? late : whyOf(this.#failure)
    const holes = { count: Math.max(1, steps.length), first, url: this.#options.url, why }
    return errors.make('DDA_MLFLOW_UNSENT', holes, { cause: this.#failure })
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#abort.signal.aborted) {
        const run = (this.#run ??= await this.#persist((server) => this.#open(server)))
        const steps = this.#waiting.slice(0, AT_ONCE)
        await this.#log(run, steps)
        this.#waiting.splice(0, steps.length)
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fail(error)
    }
  }

  /** The server's run: that of before, or a new one; with what was recorded and is not there yet. */
  async #open(server: MlflowServer): Promise<ServerRun> {
    const { runDir, experiment, runName, tags } = this.#options
    const { signal } = this.#abort
    const before = await readServerRun(runDir, server.url)
    const last = before === undefined ? undefined : await server.lastStep(before.id, signal)
    let run = before
    if (run === undefined || last === undefined) {
      const found = await describeRun(runDir)
      run = await server.createRun(await server.experiment(experiment, signal), runName, [], signal)
      await writeServerRun(runDir, server.url, run)
      const all = [...found.tags, ...tags]
      for (const batch of batchesOf({ params: found.params, tags: all })) await server.log(run.id, batch, signal)
    } else {
      this.#sent = last
      await server.setState(run.id, 'RUNNING', signal)
    }
    await this.#catchUp(this.#sent, this.#waiting[0]?.step ?? 0, run)
    return run
  }

  async #catchUp(from: number, to: number, run = this.#run): Promise<void> {
    if (run === undefined) return
    const steps = await recordedSteps(this.#options.runDir, from, to)
    const timestamp = Date.now()
    for (let i = 0; i < steps.length; i += AT_ONCE) {
      await this.#log(
        run,
        steps.slice(i, i + AT_ONCE).map((step) => ({ ...step, timestamp })),
      )
    }
    if (to === Number.POSITIVE_INFINITY) this.#left = undefined
  }

  /** Steps that the server has already, of a run that does them again, are left out. */
  async #log({ id }: ServerRun, steps: readonly Waiting[]): Promise<void> {
    const metrics = steps.filter(({ step }) => step > this.#sent).flatMap(metricsOf)
    for (const batch of batchesOf({ metrics }))
      await this.#persist((server) => server.log(id, batch, this.#abort.signal))
    this.#sent = Math.max(this.#sent, steps.at(-1)?.step ?? 0)
  }

  /** Again and again while the server is away; what it refuses is final. */
  async #persist<T>(call: (server: MlflowServer) => Promise<T>): Promise<T> {
    const server = (this.#server ??= this.#options.connect())
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        const result = await call(server)
        this.#worked = true
        return result
      } catch (error) {
        if (this.#abort.signal.aborted || !mayPass(error, this.#worked)) throw error
        this.#tell(error)
        await wait(pause * 1000, undefined, { signal: this.#abort.signal, ref: false })
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#tell(error)
  }

  #tell(error: unknown): void {
    if (this.#warned) return
    this.#warned = true
    this.#options.warn(`Steps do not reach MLflow at ${this.#options.url} for now; training goes on. ${whyOf(error)}`)
  }
}

function metricsOf({ step, policyVersion, metrics, timestamp }: Waiting): Metric[] {
  const entries = Object.entries({ ...metrics, policyVersion })
  return entries.map(([name, value]) => ({ key: keyOf(name), value, timestamp, step }))
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : 'an error without a message'
}
