import type { LossKlEstimator } from '@dda-thinker/plugin-api'
import { OnnxSession, type SessionOptions } from '@dda-thinker/onnx-graph'
import type { PolicyConfig } from '../policy/config.ts'
import { imitateGraph, scoreGraph, trainGraph, valueGraph, type Bucket } from '../policy/graphs.ts'
import { prefillGraph } from '../policy/prefix-cache.ts'
import { continueGraph } from '../policy/sampler.ts'
import type { LearnerSettings } from '../protocol/settings.ts'

/** Which parts of the loss the training graph has. */
interface LossParts {
  readonly critic: boolean
  readonly kl: boolean
  readonly klEstimator: LossKlEstimator
}

export type GraphKind = 'prefill' | 'sample' | 'score' | 'train' | 'value' | 'imitate'

const WITH_GRADIENTS = new Set<GraphKind>(['train', 'value', 'imitate'])
/** Has the graph the flat weights as one input, and their gradient as an output? */
export function hasGradients(kind: GraphKind): boolean {
  return WITH_GRADIENTS.has(kind)
}

const SAMPLING = new Set<GraphKind>(['prefill', 'sample'])

/** Sessions kept open; each holds on to the memory of its largest run, hundreds of megabytes for a full training step. */
const LIMIT = 8

/** The sessions of one policy: one for each kind of graph and bucket, made when first needed. */
export class Sessions {
  private readonly config: PolicyConfig
  private readonly loss: LossParts
  private readonly options: LearnerSettings['session']
  private readonly open = new Map<string, Promise<OnnxSession>>()

  constructor({ config, ppo, critic, session }: LearnerSettings) {
    this.config = config
    const { estimator, kl } = ppo
    const shared = estimator === 'gae' && critic === undefined
    this.loss = { critic: shared, kl: kl.place === 'loss', klEstimator: kl.lossEstimator }
    this.options = session
  }

  /** @throws DdaError as {@link OnnxSession.create} */
  get(kind: GraphKind, bucket: Bucket): Promise<OnnxSession> {
    const key = `${kind} ${bucket.prefixes} ${bucket.perPrefix} ${bucket.prompt} ${bucket.plan}`
    const session = this.open.get(key) ?? OnnxSession.create(this.build(kind, bucket), this.optionsOf(kind))
    // Again at the end: the first one is the one that was used least recently.
    this.open.delete(key)
    this.open.set(key, session)
    // A failure must not stay in the cache.
    session.catch(() => this.open.delete(key))
    for (const [oldest, closing] of this.open) {
      if (this.open.size <= LIMIT) break
      this.open.delete(oldest)
      closing.then(
        (old) => old.release(),
        () => undefined,
      )
    }
    return session
  }

  async release(): Promise<void> {
    const sessions = await Promise.allSettled(this.open.values())
    this.open.clear()
    for (const session of sessions) if (session.status === 'fulfilled') await session.value.release()
  }

  private optionsOf(kind: GraphKind): SessionOptions {
    const { provider, threads, samplingThreads, spin } = this.options
    // In a graph with gradients, whose forward values are all read again, what the runtime fuses beyond 'basic' is slower.
    const optimization = hasGradients(kind) ? 'basic' : 'all'
    return { provider, spin, optimization, threads: SAMPLING.has(kind) ? samplingThreads : threads }
  }

  private build(kind: GraphKind, bucket: Bucket): Uint8Array {
    const builders: Readonly<Record<GraphKind, () => Uint8Array>> = {
      prefill: () => prefillGraph(this.config, bucket),
      sample: () => continueGraph(this.config, bucket),
      score: () => scoreGraph(this.config, bucket),
      train: () => trainGraph(this.config, bucket, this.loss),
      value: () => valueGraph(this.config, bucket),
      imitate: () => imitateGraph(this.config, bucket),
    }
    return builders[kind]()
  }
}
