import { join, resolve } from 'node:path'
import {
  type DdaError,
  type CallOptions,
  type Demonstration,
  type Logger,
  type RoleContext,
  type Thinker,
  type Trainer,
  type TrainerProbe,
  type TrainerStreams,
  type TrainingBatch,
  type TrainingSettings,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import { checkTrainingSettings, updateStreams, wantedStreams } from '@dda-thinker/ppo-options'
import { checkOptions } from './check-options.ts'
import { errors } from './errors.ts'
import { completeTrainerOptions, type GivenTrainerOptions, type TrainerOptions } from './options.ts'
import { opened, PolicyHost } from './policy-host.ts'
import { workerProbe } from './probe.ts'
import type { PolicyState, Updated, WorkEvent } from './protocol.ts'
import { SUPPORTS } from './supports.ts'
import { settingsHash, withAbsoluteModels } from './settings.ts'
import { isDeath, type Connect } from './torch-worker.ts'
import { countedRollouts, updateRow } from './update-rows.ts'

/** Where a trainer runs; all of it optional. */
export interface TorchTrainerSetting {
  /** Resolves paths of the options. Default: from the current folder. */
  readonly resolvePath?: (path: string) => string
  /** Folder of the run: links to the last saved state are kept there, for the worker after one that died. */
  readonly runDir?: string | undefined
  /** Makes the process. Default: a `PythonWorker`. */
  readonly connect?: Connect
}

/** A {@link Trainer} that also opens, closes and has all optional parts but a diagnosis. */
export type TorchTrainer = Required<Omit<Trainer, 'diagnose' | 'streams'>> & Pick<Trainer, 'streams'>

/** @throws DdaError `DDA_CONFIG_INVALID` for options that do not fit each other or would be ignored */
export function createTorchTrainer(given: GivenTrainerOptions, setting: TorchTrainerSetting = {}): TorchTrainer {
  const options = withAbsoluteModels(completeTrainerOptions(given), setting.resolvePath ?? resolve)
  checkOptions(options)
  return new WorkerTrainer(options, setting)
}

/** PPO for a Hugging Face vision-language or causal language model, in a Python process of its own. */
class WorkerTrainer implements TorchTrainer {
  readonly supports = SUPPORTS
  readonly streams?: TrainerStreams
  readonly thinker: Thinker
  readonly #options: TrainerOptions
  readonly #links: string | undefined
  readonly #connect: Connect | undefined
  #host: PolicyHost | undefined
  #log: Logger | undefined
  #modelId = ''
  #state: PolicyState = { weights: '', policyVersion: 0 }

  constructor(options: TrainerOptions, { runDir, connect }: TorchTrainerSetting) {
    this.#options = options
    const streams = wantedStreams(options)
    if (streams !== undefined) this.streams = streams
    this.#links = runDir === undefined ? undefined : join(runDir, 'trainer-torch')
    this.#connect = connect
    const policyOf = (state: PolicyState): string => this.#policyOf(state)
    const current = (): PolicyState => this.#state
    this.thinker = {
      get fingerprint() {
        return policyOf(current())
      },
      plan: (requests, call) => this.#opened().plan(requests, call, { fingerprint: policyOf, versioned: true }),
    }
  }

  get fingerprint(): string {
    return ['trainer-torch', settingsHash(this.#options), this.#modelId].filter(Boolean).join(':')
  }

  get policyVersion(): number {
    return this.#state.policyVersion
  }

  check(settings: TrainingSettings): void {
    checkTrainingSettings(this.#options, settings)
  }

  async open(context: RoleContext): Promise<void> {
    this.#log = context.log
    const made = { options: this.#options, role: 'trainer', links: this.#links, connect: this.#connect } as const
    this.#host = await PolicyHost.open(made, context)
    const { model, weights, policyVersion } = this.#host.worker.opened
    this.#modelId = model.id
    this.#state = { weights, policyVersion }
  }

  async close(): Promise<void> {
    const closing = this.#host
    this.#host = undefined
    await closing?.close()
  }

  async update(batch: TrainingBatch, { signal }: CallOptions): Promise<UpdateReport> {
    const rollouts = countedRollouts(batch)
    const needed = new Set(rollouts.map(({ sampleId }) => sampleId))
    const inputs = batch.inputs.filter(({ id }) => needed.has(id))
    return this.#opened().withPrompts(inputs, async (prompts) => {
      const streams = updateStreams(this.streams, batch.streams)
      const of = streams === undefined ? undefined : batch.streams
      const rows = rollouts.map((rollout) => updateRow(rollout, prompts, of))
      const params = { step: batch.step, rows, streams: streams ?? null }
      const { policyVersion, metrics } = await this.#work('update', params, signal)
      return { step: batch.step, policyVersion, metrics }
    })
  }

  async imitate(demonstrations: readonly Demonstration[], { signal }: CallOptions): Promise<UpdateReport> {
    const inputs = demonstrations.map(({ input }) => input)
    return this.#opened().withPrompts(inputs, async (prompts) => {
      const told = demonstrations.map(({ input, text }) => ({ prompt: prompts.get(input.id), text }))
      const { policyVersion, metrics } = await this.#work('imitate', { demonstrations: told }, signal)
      return { step: policyVersion, policyVersion, metrics }
    })
  }

  async save(folder: string): Promise<void> {
    await this.#files('save', folder)
    await this.#opened().worker.savepoint.keep(resolve(folder), this.#state.policyVersion)
  }

  async load(folder: string): Promise<void> {
    this.#become(await this.#files<PolicyState>('load', folder))
    await this.#opened().worker.savepoint.keep(resolve(folder), this.#state.policyVersion)
  }

  async export(folder: string): Promise<readonly string[]> {
    const written = await this.#files<{ readonly files: readonly string[] }>('export', folder)
    return written.files.map((name) => join(folder, name))
  }

  probe(): TrainerProbe {
    return workerProbe((method, input) => this.#opened().worker.call('probe', { method, input }))
  }

  #opened(): PolicyHost {
    return opened(this.#host, 'trainer')
  }

  #policyOf({ weights }: PolicyState): string {
    return weights === '' ? this.fingerprint : `${this.fingerprint}@${weights}`
  }

  #become({ weights, policyVersion }: PolicyState): void {
    this.#state = { weights, policyVersion }
    this.#opened().worker.setVersion(policyVersion)
  }

  /** An update or a step of imitation. One that died with its worker is made again where the state before it is at hand. */
  async #work(method: 'update' | 'imitate', params: unknown, signal: AbortSignal): Promise<Updated> {
    const { worker } = this.#opened()
    const onEvent = (data: unknown): void => this.#tell(data as WorkEvent)
    const call = (): Promise<Updated> =>
      worker.call(method, params, { signal, onEvent, timeoutSeconds: this.#options.deadline.update })
    const updated = await call().catch((error: unknown) => {
      if (!isDeath(error) || !worker.recoverable) throw resumable(error)
      this.#log?.warn(`${(error as Error).message}\nThe step is made again from the state before it.`)
      return call()
    })
    this.#become(updated)
    return updated
  }

  #tell(event: WorkEvent): void {
    if ('warning' in event) this.#log?.warn(event.warning)
    else this.#log?.debug(`update: ${event.progress.done} of ${event.progress.total} mini-batches`)
  }

  #files<T>(method: 'save' | 'load' | 'export', folder: string): Promise<T> {
    return this.#opened()
      .worker.call<T>(method, { folder: resolve(folder) }, { timeoutSeconds: this.#options.deadline.files })
      .catch((error: unknown) => {
        throw resumable(error, method)
      })
  }
}

/** The error of work that was lost with its worker: the run ends, and the same command continues. */
function resumable(error: unknown, stage = 'update'): unknown {
  if (!isDeath(error)) return error
  const { message, next } = error as DdaError
  return errors.make(
    'DDA_WORKER_DIED/trainer',
    { message, advice: next ?? '' },
    { kind: 'server', stage, stopsRun: true, cause: error },
  )
}
