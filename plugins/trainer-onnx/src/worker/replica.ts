import type { Feed } from '@dda-thinker/onnx-graph'
import type { Bucket } from '../policy/graphs.ts'
import { parameterViews } from '../policy/parameters.ts'
import type { SampleRow, Scorer } from '../protocol/plan-rows.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import { type DrawnPlan, drawPlans } from './draw-plans.ts'
import { type GraphKind, hasGradients, Sessions } from './sessions.ts'

/** The weights that graphs are run with, by whose they are; the critic's only where it has a network of its own. */
export type WeightSets = Readonly<Partial<Record<Scorer, Float32Array>>>

/** One call of the runtime. */
export interface GraphJob {
  readonly kind: Exclude<GraphKind, 'prefill' | 'sample'>
  readonly bucket: Bucket
  readonly weights: Scorer
  /** All inputs but the weights. */
  readonly feeds: Readonly<Record<string, Feed>>
}

/** At most a micro-batch of plans to draw from the policy. */
export interface SampleJob {
  readonly images: readonly Uint8Array[]
  readonly rows: readonly SampleRow[]
}

/** Outputs of a graph besides its gradient, by name. */
export type GraphOutputs = Readonly<Record<string, Float32Array>>

/** What runs the network: one replica, or several side by side. */
export interface Replicas {
  /** Jobs that are worth having under way at once. */
  readonly limit: number
  /** @param gradient takes the gradient, if the graph has one; of `createArray` */
  run(job: GraphJob, gradient?: Float32Array): Promise<GraphOutputs>
  sample(job: SampleJob): Promise<DrawnPlan[]>
  close(): Promise<void>
}

/** The network with sessions of its own, on the thread that calls it, which it blocks. */
export class Replica implements Replicas {
  readonly limit = 1
  readonly #settings: LearnerSettings
  readonly #weights: WeightSets
  readonly #sessions: Sessions

  /** @param weights read at every call, so that they may change between calls; not in shared memory, which the runtime does not take */
  constructor(settings: LearnerSettings, weights: WeightSets) {
    this.#settings = settings
    this.#weights = weights
    this.#sessions = new Sessions(settings)
  }

  async run({ kind, bucket, weights, feeds }: GraphJob, gradient?: Float32Array): Promise<GraphOutputs> {
    const theta = this.#of(weights)
    const known = hasGradients(kind) ? { theta } : parameterViews(this.#settings.config, theta)
    const session = await this.#sessions.get(kind, bucket)
    const out = await session.run({ ...known, ...feeds }, gradient && { into: { gradient } })
    const others = Object.entries(out).filter(([name]) => name !== 'gradient')
    return Object.fromEntries(others.map(([name, { data }]) => [name, data as Float32Array]))
  }

  sample({ images, rows }: SampleJob): Promise<DrawnPlan[]> {
    return drawPlans(this.#sessions, this.#settings, this.#of('policy'), images, rows)
  }

  close(): Promise<void> {
    return this.#sessions.release()
  }

  #of(whose: Scorer): Float32Array {
    const theta = this.#weights[whose]
    if (theta === undefined) throw new Error(`no weights of the ${whose}`)
    return theta
  }
}
