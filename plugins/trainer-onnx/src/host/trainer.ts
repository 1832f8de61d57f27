import { createHash } from 'node:crypto'
import {
  DdaError,
  type ImageRef,
  type RoleContext,
  type Thinker,
  type Trainer,
  type TrainerCapabilities,
} from '@dda-thinker/plugin-api'
import { readMatchingCheckpoint, writeCheckpoint } from '../io/checkpoint.ts'
import { exportPolicy } from '../io/export.ts'
import { MOST_CLASSES } from '../policy/graphs.ts'
import { patchCount } from '../policy/patches.ts'
import { createProbe } from '../ppo/probe.ts'
import type { PretrainingMetrics } from '../protocol/worker-protocol.ts'
import { ImageTable, type EncodedInput } from './encoder.ts'
import { completeTrainerOptions, learnerSettings, type PartialTrainerOptions } from './options.ts'
import { PolicySource } from './policy-source.ts'
import { opened, PolicyHost } from './policy-thinker.ts'
import { updateRows } from './rollout-rows.ts'

const SUPPORTS: TrainerCapabilities = {
  estimators: ['gae', 'grpo', 'rloo', 'reinforce++'],
  critic: true,
  images: true,
  lora: false,
  klPlace: ['reward', 'loss'],
  lossAggregation: ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
}

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
 * The embedded trainer: PPO on ONNX Runtime in a thread of this process. Random numbers come from the run's seed, so the
 * same seed and the same rollouts give the same weights, bit for bit, on one machine.
 *
 * @param given options; see `trainerOptions` for all of them with their defaults.
 * @param resolvePath makes paths of the options absolute; default: relative to the current folder.
 */
export function createOnnxTrainer(
  given: PartialTrainerOptions = {},
  resolvePath: (path: string) => string = (path) => path,
): OnnxTrainer {
  const options = completeTrainerOptions(given)
  const source = new PolicySource(options, resolvePath)
  const settingsHash = hash(JSON.stringify({ ...options, threads: null, samplingThreads: null, spin: null }))
  const classes = new ClassNames()
  let host: PolicyHost | undefined
  let seed = 0
  let policyVersion = 0
  /** Id of the current weights; none before they are loaded. */
  let weights = ''

  const fingerprint = (): string =>
    `trainer-onnx:${settingsHash}:${source.vocabulary.hash.slice(0, 12)}:${source.weightsId(seed)}`

  const policy = (id: string): string => (id === '' ? fingerprint() : `${fingerprint()}@${id}`)
  const identify = async (): Promise<void> => {
    weights = await opened(host, 'trainer').engine.call('identify', null)
  }

  const thinker: Thinker = {
    get fingerprint() {
      return policy(weights)
    },
    plan(requests, call) {
      return opened(host, 'trainer').plan(requests, call, { fingerprint: policy, versioned: true })
    },
  }

  return {
    get fingerprint() {
      return fingerprint()
    },
    supports: SUPPORTS,
    thinker,
    get policyVersion() {
      return policyVersion
    },

    async open(context: RoleContext) {
      seed = context.seed
      host = await PolicyHost.open(source, learnerSettings(options, source.config, seed, source.threads), context)
      await identify()
    },

    async close() {
      const closing = host
      host = undefined
      await closing?.close()
    },

    async update(batch, { signal }) {
      const { engine, encoder } = opened(host, 'trainer')
      const { emittable, maxPlan } = source.config
      const { maxStaleness, temperature } = options
      const limits = { policyVersion, maxStaleness, emittable, maxPlan, temperature }
      const { images, rows } = await updateRows(batch, encoder, limits)
      const metrics = await engine.call('update', { images, rows }, { signal })
      policyVersion++
      await identify()
      return { step: batch.step, policyVersion, metrics: finite(metrics) }
    },

    async imitate(demonstrations, { signal }) {
      const { engine, encoder } = opened(host, 'trainer')
      if (demonstrations.length === 0) {
        throw new DdaError('DDA_TRAINER_INPUT', 'there are no demonstrations to imitate', {
          next: 'Pass at least one, for example from samples that have a `demonstration`.',
        })
      }
      const table = new ImageTable()
      // Side by side: decoding runs on other threads.
      const inputs = await Promise.all(demonstrations.map(({ input }) => encoder.input(input)))
      const rows = demonstrations.map(({ input, text }, i) => {
        const { prompt, image } = inputs[i] as EncodedInput
        return { prompt, image: table.place(image), temperature: 1, tokens: encoder.plan(text, input.id) }
      })
      const metrics = await engine.call('imitate', { images: table.images, rows }, { signal })
      policyVersion++
      await identify()
      return { step: policyVersion, policyVersion, metrics: finite(metrics) }
    },

    async pretrain(pictures, learningRate) {
      const { engine, encoder } = opened(host, 'trainer')
      const images = await Promise.all(pictures.map(({ image }) => encoder.picture(image)))
      const labels = pictures.map(({ cells }) => classes.label(cells, patchCount(source.config.image)))
      const metrics = await engine.call('pretrain', { images, labels, learningRate })
      await identify()
      return metrics
    },

    async save(folder) {
      const snapshot = await opened(host, 'trainer').engine.call('snapshot', null)
      await writeCheckpoint(folder, source.config, source.vocabulary, snapshot)
    },

    async load(folder) {
      const { engine } = opened(host, 'trainer')
      const snapshot = await readMatchingCheckpoint(folder, source.config, source.vocabulary)
      const { updates, imitations } = snapshot.counters
      await engine.call('restore', snapshot)
      policyVersion = updates + imitations
      await identify()
    },

    async export(folder) {
      const { theta } = await opened(host, 'trainer').engine.call('snapshot', null)
      return exportPolicy(folder, {
        config: source.config,
        vocabulary: source.vocabulary,
        tags: options.tags,
        theta,
        precision: options.exportPrecision,
      })
    },

    probe: () => createProbe(),
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** A number that is not finite is a defect to show, not a measurement. */
function finite(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const wrong = Object.entries(metrics).find(([, value]) => !Number.isFinite(value))
  if (wrong === undefined) return { ...metrics }
  throw new DdaError('DDA_METRIC_NOT_FINITE', `the metric ${wrong[0]} is ${wrong[1]} after the update`, {
    stage: 'update',
    next: 'Lower the learning rate and resume from the last checkpoint.',
  })
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
    throw new DdaError(
      'DDA_TRAINER_INPUT',
      `a picture has ${labels.length} cells, of ${this.numbers.size} names so far`,
      {
        next: `Name all ${wanted} cells of each picture, with at most ${MOST_CLASSES} different names.`,
      },
    )
  }
}
