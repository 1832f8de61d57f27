import { OnnxSession, type SessionOptions } from '@dda-thinker/onnx-graph'
import { Adam } from '../ppo/adam.ts'
import type { PolicyConfig } from '../policy/config.ts'
import { encoderSizes, MOST_CLASSES, pretrainGraph } from '../policy/graphs.ts'
import { patchCount, patchLength } from '../policy/patches.ts'
import { CounterRandom } from '../policy/random.ts'
import type { PretrainingMetrics } from '../protocol/worker-protocol.ts'

/**
 * Teaches the patch encoder what patches show, by itself and with labels. A step costs a small fraction of one of the whole
 * network, and recognition need not wait until attention has found out where to look.
 */
export class EncoderPretraining {
  private readonly config: PolicyConfig
  private readonly session: SessionOptions
  private readonly weights: Float32Array
  private readonly adam: Adam
  private readonly open = new Map<number, OnnxSession>()

  constructor(config: PolicyConfig, session: SessionOptions, theta: Float32Array, seed: number) {
    this.config = config
    this.session = session
    const { encoder, withClassifier } = encoderSizes(config)
    const random = new CounterRandom(seed, 'classifier')
    this.weights = Float32Array.from({ length: withClassifier }, (_, i) =>
      i < encoder ? (theta[i] as number) : 0.02 * random.normal(),
    )
    this.adam = new Adam(withClassifier)
  }

  /**
   * One step of Adam; the encoder's part of `theta` is changed in place.
   * @param images patches of each image
   * @param labels class of each patch, in the order of the patches
   */
  async step(
    theta: Float32Array,
    images: readonly Uint8Array[],
    labels: readonly (readonly number[])[],
    learningRate: number,
  ): Promise<PretrainingMetrics> {
    const each = patchCount(this.config.image)
    const length = patchLength(this.config.image)
    const count = images.length * each
    const patches = new Uint8Array(count * length)
    for (const [i, image] of images.entries()) patches.set(image, i * each * length)
    const wanted = Int32Array.from(labels.flat())
    const out = await (
      await this.sessionFor(count)
    ).run({ theta: this.weights, patches, labels: wanted }, { outputs: ['gradient', 'stats', 'predictions'] })
    this.adam.step(this.weights, out['gradient']?.data as Float32Array, learningRate)
    theta.set(this.weights.subarray(0, encoderSizes(this.config).encoder))
    const predictions = Array.from((out['predictions']?.data ?? []) as BigInt64Array, Number)
    const [loss = NaN] = (out['stats']?.data ?? []) as Float32Array
    return { loss, accuracy: accuracyOf(wanted, predictions) }
  }

  async close(): Promise<void> {
    for (const session of this.open.values()) await session.release()
    this.open.clear()
  }

  private async sessionFor(count: number): Promise<OnnxSession> {
    const known = this.open.get(count)
    if (known !== undefined) return known
    const made = await OnnxSession.create(pretrainGraph(this.config, count), this.session)
    this.open.set(count, made)
    return made
  }
}

function accuracyOf(labels: Int32Array, predictions: readonly number[]): number {
  const counts = new Int32Array(MOST_CLASSES)
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  const frequent = counts.indexOf(Math.max(...counts))
  let [right, total] = [0, 0]
  for (const [i, label] of labels.entries()) {
    if (label === frequent) continue
    total++
    if (predictions[i] === label) right++
  }
  return total === 0 ? 1 : right / total
}
