import { join, resolve } from 'node:path'
import {
  DdaError,
  type Logger,
  type RoleContext,
  type Thinker,
  type Trainer,
  type TrainerCapabilities,
  type TrainerProbe,
} from '@dda-thinker/plugin-api'
import { checkOptions } from './ignored-options.ts'
import { completeTrainerOptions, type GivenTrainerOptions } from './options.ts'
import { opened, PolicyHost } from './policy-host.ts'
import { workerProbe } from './probe.ts'
import type { PolicyState, Updated, WorkEvent } from './protocol.ts'
import { settingsHash, withAbsoluteModels } from './settings.ts'
import { isDeath, type Connect } from './torch-worker.ts'
import { countedRollouts, updateRow } from './update-rows.ts'

const SUPPORTS: TrainerCapabilities = {
  estimators: ['gae', 'grpo', 'rloo', 'reinforce++'],
  critic: true,
  images: true,
  lora: true,
  klPlace: ['reward', 'loss'],
  lossAggregation: ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
}

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
export type TorchTrainer = Required<Omit<Trainer, 'diagnose'>>

/**
 * PPO for a Hugging Face vision-language or causal language model, in a Python process of its own.
 * @throws DdaError `DDA_CONFIG_INVALID` for options that do not fit each other or would be ignored
 */
export function createTorchTrainer(given: GivenTrainerOptions, setting: TorchTrainerSetting = {}): TorchTrainer {
  const { resolvePath = resolve, runDir, connect } = setting
  const options = withAbsoluteModels(completeTrainerOptions(given), resolvePath)
  checkOptions(options)
  const links = runDir === undefined ? undefined : join(runDir, 'trainer-torch')
  let host: PolicyHost | undefined
  let log: Logger | undefined
  let modelId = ''
  let state: PolicyState = { weights: '', policyVersion: 0 }

  const current = (): PolicyHost => opened(host, 'trainer')
  const fingerprint = (): string => ['trainer-torch', settingsHash(options), modelId].filter(Boolean).join(':')
  const policyOf = ({ weights }: PolicyState): string =>
    weights === '' ? fingerprint() : `${fingerprint()}@${weights}`
  const become = (next: PolicyState): void => {
    state = { weights: next.weights, policyVersion: next.policyVersion }
    current().worker.setVersion(next.policyVersion)
  }
  const onEvent = (data: unknown): void => {
    const event = data as WorkEvent
    if ('warning' in event) log?.warn(event.warning)
    else log?.debug(`update: ${event.progress.done} of ${event.progress.total} mini-batches`)
  }

  /** An update or a step of imitation. One that died with its worker is made again where the state before it is at hand. */
  const work = async (method: 'update' | 'imitate', params: unknown, signal: AbortSignal): Promise<Updated> => {
    const { worker } = current()
    const call = (): Promise<Updated> =>
      worker.call(method, params, { signal, onEvent, timeoutSeconds: options.deadline.update })
    const updated = await call().catch((error: unknown) => {
      if (!isDeath(error) || !worker.recoverable) throw resumable(error)
      log?.warn(`${(error as Error).message}\nThe step is made again from the state before it.`)
      return call()
    })
    become(updated)
    return updated
  }

  const files = <T>(method: 'save' | 'load' | 'export', folder: string): Promise<T> =>
    current()
      .worker.call<T>(method, { folder: resolve(folder) }, { timeoutSeconds: options.deadline.files })
      .catch((error: unknown) => {
        throw resumable(error, method)
      })

  const thinker: Thinker = {
    get fingerprint() {
      return policyOf(state)
    },
    plan(requests, call) {
      return current().plan(requests, call, { fingerprint: policyOf, versioned: true })
    },
  }

  return {
    get fingerprint() {
      return fingerprint()
    },
    supports: SUPPORTS,
    thinker,
    get policyVersion() {
      return state.policyVersion
    },

    async open(context: RoleContext) {
      log = context.log
      host = await PolicyHost.open({ options, role: 'trainer', links, connect }, context)
      const { model, weights, policyVersion } = host.worker.opened
      modelId = model.id
      state = { weights, policyVersion }
    },

    async close() {
      const closing = host
      host = undefined
      await closing?.close()
    },

    async update(batch, { signal }) {
      const rollouts = countedRollouts(batch)
      const needed = new Set(rollouts.map(({ sampleId }) => sampleId))
      const inputs = batch.inputs.filter(({ id }) => needed.has(id))
      return current().withPrompts(inputs, async (prompts) => {
        const rows = rollouts.map((rollout) => updateRow(rollout, prompts))
        const { policyVersion, metrics } = await work('update', { step: batch.step, rows }, signal)
        return { step: batch.step, policyVersion, metrics }
      })
    },

    async imitate(demonstrations, { signal }) {
      const inputs = demonstrations.map(({ input }) => input)
      return current().withPrompts(inputs, async (prompts) => {
        const told = demonstrations.map(({ input, text }) => ({ prompt: prompts.get(input.id), text }))
        const { policyVersion, metrics } = await work('imitate', { demonstrations: told }, signal)
        return { step: policyVersion, policyVersion, metrics }
      })
    },

    async save(folder) {
      await files('save', folder)
      await current().worker.savepoint.keep(resolve(folder), state.policyVersion)
    },

    async load(folder) {
      become(await files<PolicyState>('load', folder))
      await current().worker.savepoint.keep(resolve(folder), state.policyVersion)
    },

    async export(folder) {
      const written = await files<{ readonly files: readonly string[] }>('export', folder)
      return written.files.map((name) => join(folder, name))
    },

    probe(): TrainerProbe {
      return workerProbe((method, input) => current().worker.call('probe', { method, input }))
    },
  }
}

/** The error of work that was lost with its worker: the run ends, and the same command continues. */
function resumable(error: unknown, stage = 'update'): unknown {
  if (!isDeath(error)) return error
  const { message, next } = error as DdaError
  return new DdaError('DDA_WORKER_DIED', message, {
    kind: 'server',
    stage,
    stopsRun: true,
    next: `${next ?? ''} Then run the same command again: it continues from the last checkpoint.`.trim(),
    cause: error,
  })
}
