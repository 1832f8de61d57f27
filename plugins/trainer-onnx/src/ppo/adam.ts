import { errors } from '../errors.ts'

export interface AdamOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number
  /** Added to the root of the bias-corrected second moment. Default 1e-5 (Huang et al., "The 37 implementation details of PPO"). */
  readonly epsilon?: number
  /** Decoupled weight decay (AdamW, Loshchilov & Hutter 2019). Default 0. */
  readonly weightDecay?: number
}

/** The weights from where the stretch before ends up to `end` (not included) take `factor` times the learning rate. */
export interface RateStretch {
  readonly end: number
  readonly factor: number
}

/** Everything that an exact resume needs. */
export interface AdamState {
  /** Steps taken. */
  readonly step: number
  readonly m: Float32Array
  readonly v: Float32Array
}

/** Adam (Kingma & Ba 2015) over one flat array of weights, changed in place; float32 state, float64 arithmetic. */
export class Adam {
  private readonly beta1: number
  private readonly beta2: number
  private readonly epsilon: number
  private readonly weightDecay: number
  private readonly m: Float32Array
  private readonly v: Float32Array
  private count = 0

  constructor(size: number, options: AdamOptions = {}) {
    this.beta1 = options.beta1 ?? 0.9
    this.beta2 = options.beta2 ?? 0.999
    this.epsilon = options.epsilon ?? 1e-5
    this.weightDecay = options.weightDecay ?? 0
    this.m = new Float32Array(size)
    this.v = new Float32Array(size)
  }

  /**
   * @param scale factor of the gradient, for example {@link clipScale}; here it costs no pass of its own.
   * @param stretches parts of the weights with learning rates of their own, in order; default: one rate for all
   */
  step(
    theta: Float32Array,
    gradient: Float32Array,
    learningRate: number,
    scale = 1,
    stretches: readonly RateStretch[] = [{ end: this.m.length, factor: 1 }],
  ): void {
    this.count++
    let begin = 0
    for (const { end, factor } of stretches) {
      this.stretch(theta, gradient, learningRate * factor, scale, [begin, end])
      begin = end
    }
  }

  private stretch(
    theta: Float32Array,
    gradient: Float32Array,
    learningRate: number,
    scale: number,
    [begin, end]: readonly [number, number],
  ): void {
    const { beta1, beta2, epsilon, m, v } = this
    const rest1 = 1 - beta1
    const rest2 = 1 - beta2
    const rate = learningRate / (1 - beta1 ** this.count)
    const correction = 1 / Math.sqrt(1 - beta2 ** this.count)
    const keep = 1 - learningRate * this.weightDecay
    for (let i = begin; i < end; i++) {
      const g = scale * (gradient[i] as number)
      const first = beta1 * (m[i] as number) + rest1 * g
      const second = beta2 * (v[i] as number) + rest2 * g * g
      m[i] = first
      v[i] = second
      theta[i] = keep * (theta[i] as number) - (rate * first) / (Math.sqrt(second) * correction + epsilon)
    }
  }

  /** Copies, which later steps do not change; `into` are arrays to copy to, which is far cheaper than making new ones. */
  exportState(into?: Pick<AdamState, 'm' | 'v'>): AdamState {
    if (into === undefined) return { step: this.count, m: this.m.slice(), v: this.v.slice() }
    into.m.set(this.m)
    into.v.set(this.v)
    return { step: this.count, m: into.m, v: into.v }
  }

  /** @throws DdaError `DDA_OPTIMIZER_STATE` for the state of a policy of another size. */
  importState(state: AdamState): void {
    if (state.m.length !== this.m.length || state.v.length !== this.v.length) {
      throw errors.make('DDA_OPTIMIZER_STATE', {
        first: state.m.length,
        second: state.v.length,
        weights: this.m.length,
      })
    }
    this.count = state.step
    this.m.set(state.m)
    this.v.set(state.v)
  }
}

/** Euclidean norm over all weights. */
export function globalNorm(gradient: Float32Array): number {
  // Four sums, because each addition has to wait for the one before.
  let [a, b, c, d] = [0, 0, 0, 0]
  const even = gradient.length - (gradient.length % 4)
  for (let i = 0; i < even; i += 4) {
    const [p, q] = [gradient[i] as number, gradient[i + 1] as number]
    const [r, s] = [gradient[i + 2] as number, gradient[i + 3] as number]
    a += p * p
    b += q * q
    c += r * r
    d += s * s
  }
  for (let i = even; i < gradient.length; i++) a += (gradient[i] as number) ** 2
  return Math.sqrt(a + b + c + d)
}

/**
 * The factor that brings a gradient's global norm down to at most `maxNorm`; 1 for one that is small enough. Infinity only
 * measures.
 * @throws DdaError `DDA_GRADIENT_NOT_FINITE`: a step with it would destroy the policy.
 */
export function clipScale(gradient: Float32Array, maxNorm: number): { readonly norm: number; readonly scale: number } {
  const norm = globalNorm(gradient)
  if (!Number.isFinite(norm)) {
    throw errors.make('DDA_GRADIENT_NOT_FINITE', { norm }, { stage: 'update' })
  }
  // The epsilon is torch.nn.utils.clip_grad_norm_'s.
  return { norm, scale: norm > maxNorm ? maxNorm / (norm + 1e-6) : 1 }
}
