import { createHash } from 'node:crypto'
import type { RunOutput } from '@dda-thinker/onnx-graph'
import { valueHeads } from '../policy/config.ts'
import { parameterViews } from '../policy/parameters.ts'
import { samplingUniform } from '../policy/random.ts'
import { END_ID } from '../policy/vocabulary.ts'
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
import { readPrefixes } from './read-prefixes.ts'
import { bundleRows, bundlesPerCall, chunks, inverseTemperatures, packPlans } from './rows.ts'
import { Sessions } from './sessions.ts'

/**
 * Owns the weights, the optimiser and the ONNX sessions. Everything it does blocks the thread it runs on, so the trainer
 * keeps it in a worker. Given the same calls it computes the same bits.
 */
export class Learner {
  readonly settings: LearnerSettings
  private readonly state: LearnerState
  private readonly sessions: Sessions
  private readonly gradient: GradientStep
  private readonly criticGradient: GradientStep | undefined
  /** Of the current weights, once asked for. */
  private identity: string | undefined
  private pretraining: EncoderPretraining | undefined
  private tracesChecked = false
  /** The state before the last update. */
  private undo: LearnerSnapshot | undefined

  /** @param theta flat weights, taken over. */
  constructor(settings: LearnerSettings, theta: Float32Array) {
    this.settings = settings
    this.state = new LearnerState(settings, theta)
    this.gradient = new GradientStep(this.state)
    const { estimator, kl } = settings.ppo
    this.criticGradient = this.state.critic && new GradientStep(this.state.critic)
    const critic = estimator === 'gae' && settings.critic === undefined
    const parts = { critic, kl: kl.place === 'loss', klEstimator: kl.lossEstimator }
    this.sessions = new Sessions(settings.config, parts, settings.session)
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
    for (const chunk of chunks(rows, this.settings.microBatch)) plans.push(...(await this.sampleChunk(images, chunk)))
    return plans
  }

  /** Log-probs, values and entropies of given plans under the policy, the reference, or a critic of its own (its values). */
  async score(
    images: readonly Uint8Array[],
    rows: readonly PlanRow[],
    which: Scorer = 'policy',
  ): Promise<ScoredPlan[]> {
    const { config, microBatch } = this.settings
    const { theta, reference, critic } = this.state
    const weights = parameterViews(config, { policy: theta, reference, critic: critic?.theta ?? theta }[which])
    const { perPrefix, bundles } = bundleRows(config, rows)
    const scored: ScoredPlan[] = []
    for (const chunk of chunks(bundles, bundlesPerCall(microBatch, perPrefix))) {
      const { bucket, slots, feeds } = packPlans(this.settings, perPrefix, chunk, rows, images)
      const out = await (await this.sessions.get('score', bucket)).run({ ...weights, ...feeds })
      for (const [slot, row] of slots.entries()) {
        const length = rows[row]?.tokens.length ?? 0
        const cut = (name: string, head = 0): number[] => {
          const at = (head * slots.length + slot) * bucket.plan
          return [...floats(out, name).subarray(at, at + length)]
        }
        const values = Array.from({ length: valueHeads(config) }, (_, head) => cut('value', head))
        if (row >= 0) scored[row] = { logProbs: cut('logProb'), values, entropies: cut('entropy') }
      }
    }
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
        gradient: this.gradient.begin(),
        criticGradient: this.criticGradient?.begin(),
        state: this.state,
        sessions: this.sessions,
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
      const gradient = this.gradient.begin()
      const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0)
      let [loss, entropy] = [0, 0]
      const { perPrefix, bundles } = bundleRows(config, rows)
      for (const chunk of chunks(bundles, bundlesPerCall(microBatch, perPrefix))) {
        if (cancelled()) throw aborted()
        const { bucket, slots, feeds } = packPlans(this.settings, perPrefix, chunk, rows, images)
        const labelWeights = new Float32Array(slots.length * bucket.plan)
        for (const [slot, row] of slots.entries()) {
          labelWeights.fill(1 / tokens, slot * bucket.plan, slot * bucket.plan + (rows[row]?.tokens.length ?? 0))
        }
        const stats = await gradient.accumulate(await this.sessions.get('imitate', bucket), { ...feeds, labelWeights })
        loss += stats[0] ?? 0
        entropy += stats[1] ?? 0
      }
      const { norm, rate } = gradient.apply(imitation.learningRate, imitation.maxGradientNorm)
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
    this.pretraining ??= new EncoderPretraining(config, session, this.state.theta, seed)
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
    await this.sessions.release()
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

  private async sampleChunk(images: readonly Uint8Array[], rows: readonly SampleRow[]): Promise<SampledPlan[]> {
    const { config, microBatch } = this.settings
    // One size for all: ONNX Runtime splits products by their size, and a row's bits must not depend on who shares its batch.
    const bucket = { prefixes: microBatch, perPrefix: 1, prompt: config.maxPrompt, plan: config.maxPlan }
    const { prefixes: batch, plan } = bucket
    const uniforms = new Float32Array(plan * batch)
    const greedy = new Uint8Array(batch)
    const active = new Uint8Array(batch)
    for (const [i, row] of rows.entries()) {
      active[i] = 1
      greedy[i] = row.temperature === 0 ? 1 : 0
      for (let t = 0; t < plan; t++) uniforms[t * batch + i] = samplingUniform(row.seed, t)
    }
    const weights = parameterViews(config, this.state.theta)
    const prefixes = await readPrefixes(this.sessions, config, weights, images, rows, batch)
    const session = await this.sessions.get('sample', bucket)
    const out = await session.run({
      ...weights,
      ...prefixes,
      inverseTemperature: inverseTemperatures(Array.from({ length: batch }, (_, i) => rows[i])),
      uniforms,
      greedy,
      active,
    })
    const tokens = out['tokens']?.data as Int32Array
    const [logProb, value] = [floats(out, 'logProb'), floats(out, 'value')]
    const steps = out['tokens']?.shape[0] ?? 0
    const { version, weightsId } = this
    return rows.map((_, i) => {
      const column = Array.from({ length: steps }, (_, t) => tokens[t * batch + i] ?? 0)
      const end = column.indexOf(END_ID)
      const length = end < 0 ? steps : end + 1
      const take = (values: Float32Array): number[] => Array.from({ length }, (_, t) => values[t * batch + i] ?? 0)
      return {
        tokens: column.slice(0, length),
        logProbs: take(logProb),
        values: take(value),
        version,
        weights: weightsId,
      }
    })
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

function floats(out: Readonly<Record<string, RunOutput>>, name: string): Float32Array {
  return out[name]?.data as Float32Array
}
