import { createHash } from 'node:crypto'
import {
  canonicalJson,
  contractErrors,
  type CallOptions,
  type Demonstration,
  type ImageRef,
  type RoleContext,
  type Thinker,
  type Trainer,
  type TrainerProbe,
  type TrainerStreams,
  type TrainingBatch,
  type TrainingSettings,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { readMatchingCheckpoint, writeCheckpoint } from '../io/checkpoint.ts'
import { exportPolicy } from '../io/export.ts'
import { valueHeads } from '../policy/config.ts'
import { MOST_CLASSES } from '../policy/graphs.ts'
import { patchCount } from '../policy/patches.ts'
import { checkTrainingSettings, updateStreams, valueStreams, wantedStreams } from '@dda-thinker/ppo-options'
import { createProbe } from '../ppo/probe.ts'
import type { Metrics, PretrainingMetrics } from '../protocol/worker-protocol.ts'
import { imitationRows } from './imitation-rows.ts'
import {
  completeTrainerOptions,
  hasOwnCritic,
  learnerSettings,
  type PartialTrainerOptions,
  type TrainerOptions,
} from './options.ts'
import { checkOptions } from './check-options.ts'
import { PolicySource } from './policy-source.ts'
import { opened, PolicyHost } from './policy-host.ts'
import { decisive } from './session-settings.ts'
import { SUPPORTS } from './supports.ts'
import { updateRows } from './rollout-rows.ts'

/** What is on a picture, cell by cell. */
export interface LabelledPicture {
  readonly image: ImageRef
  /** Name of what stands in each window of the grid, row by row from the upper left; any name, the same for the same. */
  readonly cells: readonly string[]
}

/** The embedded trainer, which can also teach its eyes alone. */
export interface OnnxTrainer extends Trainer {
  /**
   * One step of pretraining of the patch encoder as a classifier of the cells; before the first `imitate`. A step on 128
   * pictures takes about 50 ms. Its optimiser is not part of checkpoints.
   * @returns mean cross-entropy, and the share of right answers over cells that are not of the most frequent name.
   * @throws DdaError `DDA_TRAINER_INPUT` for a wrong number of cells or more than 512 names.
   */
  pretrain(pictures: readonly LabelledPicture[], learningRate: number): Promise<PretrainingMetrics>
}

/**
 * @param resolvePath makes paths of the options absolute; default: relative to the current folder.
 * @throws DdaError `DDA_CONFIG_INVALID` for options that do not fit each other or would be ignored
 */
export function createOnnxTrainer(
  given: PartialTrainerOptions = {},
  resolvePath: (path: string) => string = (path) => path,
): OnnxTrainer {
  const options = completeTrainerOptions(given)
  checkOptions(options)
  return new EmbeddedTrainer(options, resolvePath)
}

/**
 * The embedded trainer: PPO on ONNX Runtime in a thread of this process. Random numbers come from the run's seed, so the
 * same seed and the same rollouts give the same weights, bit for bit, on one machine.
 */
class EmbeddedTrainer implements OnnxTrainer {
  readonly supports = SUPPORTS
  readonly streams?: TrainerStreams
  readonly thinker: Thinker
  readonly #options: TrainerOptions
  readonly #source: PolicySource
  readonly #settingsHash: string
  readonly #classes = new ClassNames()
  #host: PolicyHost | undefined
  #seed = 0
  #policyVersion = 0
  /** Id of the current weights; none before they are loaded. */
  #weights = ''

  constructor(options: TrainerOptions, resolvePath: (path: string) => string) {
    this.#options = options
    const streams = wantedStreams(options)
    if (streams !== undefined) this.streams = streams
    const heads = valueStreams(options).length
    this.#source = new PolicySource(options, resolvePath, heads > 1 ? { valueHeads: heads } : {})
    this.#settingsHash = hash(canonicalJson(decisive(options)))
    const policy = (): string => this.#policy(this.#weights)
    this.thinker = {
      get fingerprint() {
        return policy()
      },
      plan: (requests, call) =>
        this.#opened().plan(requests, call, { fingerprint: (id) => this.#policy(id), versioned: true }),
    }
  }

  get fingerprint(): string {
    const { vocabulary } = this.#source
    return `trainer-onnx:${this.#settingsHash}:${vocabulary.hash.slice(0, 12)}:${this.#source.weightsId(this.#seed)}`
  }

  get policyVersion(): number {
    return this.#policyVersion
  }

  check(settings: TrainingSettings): void {
    checkTrainingSettings(this.#options, settings)
  }

  async open(context: RoleContext): Promise<void> {
    this.#seed = context.seed
    const settings = learnerSettings(this.#options, this.#source.config, context.seed)
    this.#host = await PolicyHost.open(this.#source, settings, context)
    await this.#identify()
  }

  async close(): Promise<void> {
    const closing = this.#host
    this.#host = undefined
    await closing?.close()
  }

  async update(batch: TrainingBatch, { signal }: CallOptions): Promise<UpdateReport> {
    const { engine, encoder } = this.#opened()
    const { emittable, maxPlan } = this.#source.config
    const values = valueHeads(this.#source.config) === 1 && !hasOwnCritic(this.#options)
    const limits = { policyVersion: this.#policyVersion, emittable, maxPlan, values }
    const { images, rows } = await updateRows(batch, encoder, limits)
    const streams = updateStreams(this.streams, batch.streams)
    const metrics = await engine.call('update', { images, rows, streams }, { signal })
    return { ...(await this.#advanced(metrics)), step: batch.step }
  }

  async imitate(demonstrations: readonly Demonstration[], { signal }: CallOptions): Promise<UpdateReport> {
    const { engine, encoder } = this.#opened()
    const { images, rows } = await imitationRows(demonstrations, encoder)
    return this.#advanced(await engine.call('imitate', { images, rows }, { signal }))
  }

  async pretrain(pictures: readonly LabelledPicture[], learningRate: number): Promise<PretrainingMetrics> {
    const { engine, encoder } = this.#opened()
    const images = await Promise.all(pictures.map(({ image }) => encoder.picture(image)))
    const wanted = patchCount(this.#source.config.image)
    const labels = pictures.map(({ cells }) => this.#classes.label(cells, wanted))
    const metrics = await engine.call('pretrain', { images, labels, learningRate })
    await this.#identify()
    return metrics
  }

  async save(folder: string): Promise<void> {
    const snapshot = await this.#opened().engine.call('snapshot', null)
    await writeCheckpoint(folder, this.#source.config, this.#source.vocabulary, snapshot)
  }

  async load(folder: string): Promise<void> {
    const { engine } = this.#opened()
    const { config, vocabulary } = this.#source
    const ownCritic = hasOwnCritic(this.#options)
    const snapshot = await readMatchingCheckpoint(folder, { config, vocabulary, ownCritic })
    const { updates, imitations } = snapshot.counters
    await engine.call('restore', snapshot)
    this.#policyVersion = updates + imitations
    await this.#identify()
  }

  async export(folder: string): Promise<readonly string[]> {
    const { theta } = await this.#opened().engine.call('snapshot', null)
    const { config, vocabulary } = this.#source
    const { tags, exportPrecision: precision } = this.#options
    return exportPolicy(folder, { config, vocabulary, tags, theta, precision })
  }

  probe(): TrainerProbe {
    return createProbe()
  }

  #opened(): PolicyHost {
    return opened(this.#host, 'trainer')
  }

  #policy(weights: string): string {
    return weights === '' ? this.fingerprint : `${this.fingerprint}@${weights}`
  }

  async #identify(): Promise<void> {
    this.#weights = await this.#opened().engine.call('identify', null)
  }

  async #advanced(metrics: Metrics): Promise<UpdateReport> {
    this.#policyVersion++
    await this.#identify()
    return { step: this.#policyVersion, policyVersion: this.#policyVersion, metrics: finite(metrics) }
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** A number that is not finite is a defect to show, not a measurement. */
function finite(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const wrong = Object.entries(metrics).find(([, value]) => !Number.isFinite(value))
  if (wrong === undefined) return { ...metrics }
  throw contractErrors.make('DDA_METRIC_NOT_FINITE/update', { metric: wrong[0], value: wrong[1] }, { stage: 'update' })
}

/** Numbers for names, in the order in which they are first seen. */
class ClassNames {
  private readonly numbers = new Map<string, number>()

  label(cells: readonly string[], wanted: number): number[] {
    const labels = cells.map((name) => {
      const known = this.numbers.get(name) ?? this.numbers.size
      this.numbers.set(name, known)
      return known
    })
    if (labels.length === wanted && this.numbers.size <= MOST_CLASSES) return labels
    throw errors.make('DDA_TRAINER_INPUT/cells', {
      count: labels.length,
      names: this.numbers.size,
      wanted,
      most: MOST_CLASSES,
    })
  }
}
