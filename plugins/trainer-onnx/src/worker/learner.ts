import { createHash } from 'node:crypto'
import { valueHeads } from '../policy/config.ts'
import type { PlanRow, SampledPlan, SampleRow, ScoredPlan, Scorer, UpdateRow } from '../protocol/plan-rows.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import type { LearnerSnapshot } from '../protocol/snapshot.ts'
import type { Metrics, PretrainingMetrics, WorkerMethods } from '../protocol/worker-protocol.ts'
import { aborted, type Cancelled } from './cancellation.ts'
import { checkTraces } from './check-traces.ts'
import { EncoderPretraining } from './encoder-pretraining.ts'
import { GradientStep } from './gradient-step.ts'
import { LearnerState } from './learner-state.ts'
import { ppoUpdate } from './ppo-update.ts'
import { inOrder } from './in-order.ts'
import { ReplicaPool } from './replica-pool.ts'
import { Replica, type Replicas } from './replica.ts'
import { bundleRows, bundlesPerCall, chunks, packPlans } from './rows.ts'
import { weightArrays } from './weight-arrays.ts'

/**
 * Owns the weights, the optimiser and what runs the network: sessions on this thread, which they block, so the trainer keeps it in a
 * worker, or replicas in threads of their own. Given the same calls it computes the same bits, whichever of them and however many.
 */
export class Learner {
  readonly settings: LearnerSettings
  private readonly state: LearnerState
  private readonly replicas: Replicas
  private readonly gradient: GradientStep
  private readonly criticGradient: GradientStep | undefined
  /** Of the current weights, once asked for. */
  private identity: string | undefined
  private pretraining: EncoderPretraining | undefined
  private tracesChecked = false
  /** The state before the last update. */
  private undo: LearnerSnapshot | undefined

  /** @param theta flat weights to begin with; copied */
  constructor(settings: LearnerSettings, theta: Float32Array) {
    this.settings = settings
    const shared = settings.session.workers > 1
    const createArray = weightArrays(shared)
    this.state = new LearnerState(settings, theta, createArray)
    const { theta: policy, reference, critic } = this.state
    const weights = { policy, reference, ...(critic !== undefined && { critic: critic.theta }) }
    this.replicas = shared ? new ReplicaPool(settings, weights) : new Replica(settings, weights)
    this.gradient = new GradientStep(this.state, this.replicas, 'policy', createArray)
    this.criticGradient = critic && new GradientStep(critic, this.replicas, 'critic', createArray)
  }

  /** Updates of both kinds made so far. */
  get version(): number {
    return this.state.updates + this.state.imitations
  }

  /**
   * Hash of the current weights, 12 hex digits. By content, so that plans of a resumed run name the same policy as those of
   * an unbroken one.
   */
  get weightsId(): string {
    const { buffer, byteOffset, byteLength } = this.state.theta
    this.identity ??= createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex')
      .slice(0, 12)
    return this.identity
  }

  /** Samples one plan a row; rows beyond a micro-batch are sampled after it. */
  async sample(images: readonly Uint8Array[], rows: readonly SampleRow[]): Promise<SampledPlan[]> {
    const plans: SampledPlan[] = []
    const { version, weightsId } = this
    await inOrder(
      chunks(rows, this.settings.microBatch),
      this.replicas.limit,
      (chunk) => this.replicas.sample({ images, rows: chunk }),
      (drawn) => plans.push(...drawn.map((plan) => ({ ...plan, version, weights: weightsId }))),
    )
    return plans
  }

  /** Log-probs, values and entropies of given plans under the policy, the reference, or a critic of its own (its values). */
  async score(
    images: readonly Uint8Array[],
    rows: readonly PlanRow[],
    which: Scorer = 'policy',
  ): Promise<ScoredPlan[]> {
    const { config, microBatch } = this.settings
    const { perPrefix, bundles } = bundleRows(config, rows)
    const scored: ScoredPlan[] = []
    await inOrder(
      chunks(bundles, bundlesPerCall(microBatch, perPrefix)),
      this.replicas.limit,
      async (chunk) => {
        const { bucket, slots, feeds } = packPlans(this.settings, perPrefix, chunk, rows, images)
        return { bucket, slots, out: await this.replicas.run({ kind: 'score', bucket, weights: which, feeds }) }
      },
      ({ bucket, slots, out }) => {
        for (const [slot, row] of slots.entries()) {
          const length = rows[row]?.tokens.length ?? 0
          const cut = (name: string, head = 0): number[] => {
            const at = (head * slots.length + slot) * bucket.plan
            return [...(out[name] as Float32Array).subarray(at, at + length)]
          }
          const values = Array.from({ length: valueHeads(config) }, (_, head) => cut('value', head))
          if (row >= 0) scored[row] = { logProbs: cut('logProb'), values, entropies: cut('entropy') }
        }
      },
    )
    return scored
  }

  /** One PPO update. A failure or a cancelled call leaves the state as it was. */
  async update({ images, rows, streams }: WorkerMethods['update']['args'], cancelled: Cancelled): Promise<Metrics> {
    return this.atomically(async () => {
      this.state.enter('reinforce')
      await this.checkTraces(images, rows)
      return ppoUpdate({
        settings: this.settings,
        score: (which) => this.score(images, rows, which),
        gradient: this.gradient,
        criticGradient: this.criticGradient,
        state: this.state,
        images,
        rows,
        streams,
        cancelled,
      })
    })
  }

  /** One supervised step: cross-entropy, mean over all tokens of the rows. */
  async imitate(images: readonly Uint8Array[], rows: readonly PlanRow[], cancelled: Cancelled): Promise<Metrics> {
    return this.atomically(async () => {
      this.state.enter('imitate')
      const { config, microBatch, imitation } = this.settings
      const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0)
      let [loss, entropy] = [0, 0]
      const { perPrefix, bundles } = bundleRows(config, rows)
      await this.gradient.accumulate(
        chunks(bundles, bundlesPerCall(microBatch, perPrefix)),
        (chunk) => {
          if (cancelled()) throw aborted()
          const { bucket, slots, feeds } = packPlans(this.settings, perPrefix, chunk, rows, images)
          const labelWeights = new Float32Array(slots.length * bucket.plan)
          for (const [slot, row] of slots.entries()) {
            labelWeights.fill(1 / tokens, slot * bucket.plan, slot * bucket.plan + (rows[row]?.tokens.length ?? 0))
          }
          return { kind: 'imitate', bucket, feeds: { ...feeds, labelWeights } }
        },
        (stats) => {
          loss += stats[0] ?? 0
          entropy += stats[1] ?? 0
        },
      )
      const { norm, rate } = this.gradient.apply(imitation.learningRate, imitation.maxGradientNorm)
      this.state.imitations++
      return {
        'imitation/loss': loss,
        'policy/entropy': entropy,
        'gradient/norm': norm,
        'learning-rate': rate,
        tokens,
      }
    })
  }

  /** One step of the encoder's pretraining; see {@link EncoderPretraining}. Its optimiser is not part of a snapshot. */
  async pretrain(
    images: readonly Uint8Array[],
    labels: readonly (readonly number[])[],
    learningRate: number,
  ): Promise<PretrainingMetrics> {
    const { config, session, seed } = this.settings
    // By itself, so with all processors at once.
    const threads = session.threads * session.workers
    this.pretraining ??= new EncoderPretraining(config, { ...session, threads }, this.state.theta, seed)
    this.identity = undefined
    return this.pretraining.step(this.state.theta, images, labels, learningRate)
  }

  snapshot(): LearnerSnapshot {
    return this.state.snapshot()
  }

  restore(snapshot: LearnerSnapshot): void {
    this.identity = undefined
    this.state.restore(snapshot)
  }

  async close(): Promise<void> {
    await this.pretraining?.close()
    await this.replicas.close()
  }

  /** Once in the life of a learner, at the first update that has plans of the policy as it is. */
  private async checkTraces(images: readonly Uint8Array[], rows: readonly UpdateRow[]): Promise<void> {
    const fresh = rows.filter((row) => row.age === 0)
    if (this.tracesChecked || fresh.length === 0) return
    const scored = await this.score(images, fresh)
    checkTraces(
      fresh.map(({ logProbs }) => logProbs),
      scored.map(({ logProbs }) => logProbs),
    )
    this.tracesChecked = true
  }

  private async atomically(work: () => Promise<Metrics>): Promise<Metrics> {
    // Into the same arrays every time: new ones would cost more than the optimiser's step.
    const before = this.state.snapshot(this.undo)
    this.undo = before
    this.identity = undefined
    try {
      return await work()
    } catch (error) {
      this.state.restore(before)
      throw error
    }
  }
}
