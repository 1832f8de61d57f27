import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  canonicalJson,
  type CallOptions,
  type DdaError,
  type ExternalJob,
  type TrainingSettings,
  type ExternalTrainer,
  isDdaError,
  type PlanRequest,
  type PlanResult,
  type RoleContext,
  RoleFrame,
  type Thinker,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import { engineMessages, promptOf, writeEngineData } from '@dda-thinker/engine-data'
import { DEFAULT_PLAN_TAGS, readPlan } from '@dda-thinker/plan-text'
import { PythonWorker } from '@dda-thinker/python-worker'
import { exportModel, readCheckpoint, type TrlCheckpoint, writePolicy } from './checkpoint.ts'
import { errors } from './errors.ts'
import { grpoConfig, problemsOf, shapeOf } from './grpo-config.ts'
import type { TrlOptions } from './options.ts'
import type { Capabilities, PlanWanted, PlanWritten, StepDone } from './wire.ts'

const PYTHON_PATH = fileURLToPath(new URL('../python', import.meta.url))

/** What changes where it runs, and nothing that is learned. */
const PLACES: ReadonlySet<string> = new Set(['python', 'threads', 'deadline'])

/** `trainer-trl`: TRL's GRPOTrainer in a Python process of this machine. */
export class TrlTrainer implements ExternalTrainer {
  readonly fingerprint: string
  readonly thinker: Thinker
  /** Its trainer waits at the end of each step. */
  readonly savesAtAnyStep = true
  readonly #options: TrlOptions
  readonly #model: string
  readonly #python: string
  readonly #frame = new RoleFrame<{ readonly worker: PythonWorker }>({
    role: 'trainer-trl',
    end: ({ worker }) => worker.close(),
  })
  #policyVersion = 0
  #loaded: TrlCheckpoint | undefined
  /** Has it made a step since it was opened? */
  #trained = false

  /** @param resolvePath of paths in the options */
  constructor(options: TrlOptions, resolvePath: (path: string) => string) {
    this.#options = options
    this.#model = isFolder(options.model) ? resolvePath(options.model) : options.model
    this.#python = options.python.includes('/') ? resolvePath(options.python) : options.python
    const learned = Object.entries({ ...options, model: this.#model }).filter(([name]) => !PLACES.has(name))
    const hash = createHash('sha256').update(canonicalJson(Object.fromEntries(learned)))
    this.fingerprint = `trainer-trl:${hash.digest('hex').slice(0, 16)}`
    this.thinker = this.#thinker()
  }

  get policyVersion(): number {
    return this.#policyVersion
  }

  check(settings: TrainingSettings): void {
    const problems = problemsOf(this.#options, settings)
    if (problems.length > 0)
      throw errors.make('DDA_CONFIG_INVALID/trl', { problems: problems.join('; ') }, { location: 'trainer' })
  }

  async open({ log, signal }: RoleContext): Promise<void> {
    const { deadline } = this.#options
    const worker = new PythonWorker({
      name: 'trainer-trl',
      python: this.#python,
      args: ['-m', 'dda_trl'],
      pythonPath: [PYTHON_PATH],
      // Nothing is told to anybody, and the tokenizer's threads do not survive a fork.
      env: { HF_HUB_DISABLE_TELEMETRY: '1', TOKENIZERS_PARALLELISM: 'false' },
      log,
      startTimeoutSeconds: deadline.start,
      // A training that died is not begun anew behind the run's back: the run goes on from its last checkpoint.
      maxDeaths: 1,
    })
    await this.#frame.open(
      () => ({ worker }),
      async () => {
        const { missing } = (await worker.start(signal)).capabilities as Capabilities
        if (missing !== undefined) throw errors.make('DDA_TRL_ENVIRONMENT', { python: this.#python, why: missing })
      },
    )
  }

  async close(): Promise<void> {
    await this.#frame.close()
  }

  async start(job: ExternalJob, { signal }: CallOptions): Promise<void> {
    const { streams, folder, firstStep, images, data, reward } = job
    const options = this.#options
    const written = await writeEngineData({
      format: 'trl',
      folder: join(folder, 'data'),
      samples: data(),
      images,
      prompt: promptOf(this.#options.prompt),
      pictures: false,
      streams: streams.map(({ name }) => name),
      stopped: () => signal.aborted,
    })
    const loaded = this.#loaded
    const { updates } = shapeOf(options, job)
    await this.#ask('start', firstStep, signal, {
      config: grpoConfig(options, job),
      // A new run begins with the weights of another; one that goes on takes optimiser, schedule and random numbers up too.
      model: loaded?.folder ?? this.#model,
      resume: firstStep > 1 ? (loaded?.folder ?? null) : null,
      updates,
      streams: streams.map(({ name }) => name),
      data: written.files[0],
      folder,
      url: reward.url,
      token: reward.token ?? null,
      timeout: options.deadline.rewards,
      dtype: options.dtype,
      threads: options.threads ?? null,
    })
  }

  async step(step: number, { signal }: CallOptions): Promise<UpdateReport> {
    const { metrics } = (await this.#ask('step', step, signal, {})) as StepDone
    this.#policyVersion += 1
    this.#trained = true
    return { step, policyVersion: this.#policyVersion, metrics }
  }

  async save(folder: string): Promise<void> {
    await this.#ask('save', this.#policyVersion, undefined, { folder })
    await writePolicy(folder, this.#policyVersion)
  }

  async load(folder: string): Promise<void> {
    const checkpoint = await readCheckpoint(folder)
    this.#loaded = checkpoint
    this.#policyVersion = checkpoint.policyVersion
  }

  async export(folder: string): Promise<readonly string[]> {
    if (!this.#trained) return this.#loaded === undefined ? [] : exportModel(this.#loaded, folder)
    await this.#ask('export', this.#policyVersion, undefined, { folder })
    return (await readdir(folder)).toSorted().map((name) => join(folder, name))
  }

  async #ask(method: string, step: number, signal: AbortSignal | undefined, params: object): Promise<unknown> {
    try {
      const { data } = await this.#frame.held.worker.request(method, params, signal === undefined ? {} : { signal })
      return data
    } catch (error) {
      signal?.throwIfAborted()
      throw failed(step, error)
    }
  }

  #thinker(): Thinker {
    const fingerprint = () => `${this.fingerprint}:${this.#loaded?.weights ?? 'base'}`
    return {
      get fingerprint() {
        return fingerprint()
      },
      plan: (requests, call) => this.#plan(requests, call),
    }
  }

  async *#plan(requests: readonly PlanRequest[], { signal }: CallOptions): AsyncGenerator<PlanResult> {
    const { device, dtype, maxPlan } = this.#options
    const model = this.#loaded?.folder ?? this.#model
    for (const request of requests) {
      const { id, input, seed, temperature = 1 } = request
      try {
        const messages = engineMessages(input, promptOf(this.#options.prompt), { engine: 'TRL', pictures: 0 })
        const wanted: PlanWanted = { id, messages, seed, temperature }
        const answers: PlanWritten[] = []
        await this.#frame.held.worker.request(
          'plan',
          { model, device, dtype, maxPlan, requests: [wanted] },
          { signal, onEvent: (data) => void answers.push(data as PlanWritten) },
        )
        const written = answers.at(-1)
        if (written === undefined) throw new TypeError('the worker wrote no plan')
        const { text, ended } = written
        const read = readPlan(text, { tags: DEFAULT_PLAN_TAGS, ended })
        const facts = { thinker: this.thinker.fingerprint, policyVersion: this.#policyVersion, seed }
        yield { id, plan: { id, sampleId: input.id, ...read, ...facts } }
      } catch (error) {
        signal.throwIfAborted()
        yield { id, error }
      }
    }
  }
}

/** A folder, as trainers tell it from a name on the hub. */
function isFolder(model: string): boolean {
  return isAbsolute(model) || model.startsWith('.') || existsSync(model)
}

function failed(step: number, error: unknown): DdaError {
  if (isDdaError(error) && error.code !== 'DDA_WORKER_FAILED') return error
  const why = (error as Error).message.replace(/^The Python worker of trainer-trl reports trl: /, '')
  return errors.make('DDA_TRL_FAILED', { step, why }, { cause: error })
}
