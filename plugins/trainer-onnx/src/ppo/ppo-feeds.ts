/** Settings that may change from step to step without a new graph. An absent clip is off. */
export interface PpoCoefficients {
  /** ε below 1, default of most peers 0.2. */
  readonly clipLow: number
  /** ε above 1. */
  readonly clipHigh: number
  /** c > 1 of dual-clip PPO. */
  readonly dualClip?: number
  /** How far a value may move from the old one. */
  readonly valueClip?: number
  readonly vfCoef: number
  readonly entCoef: number
  readonly klCoef: number
}

/** Per-token numbers of a micro-batch; a critic's head by head. Masked cells may hold anything. */
export interface PpoBatch {
  readonly mask: ArrayLike<number>
  readonly oldLogProbs: ArrayLike<number>
  readonly advantages: ArrayLike<number>
  readonly policyWeights: ArrayLike<number>
  readonly statWeights: ArrayLike<number>
  readonly refLogProbs?: ArrayLike<number>
  readonly returns?: ArrayLike<number>
  readonly oldValues?: ArrayLike<number>
  readonly valueWeights?: ArrayLike<number>
}

/** Far outside any ratio or value, and still finite when an advantage multiplies it. */
const OFF = 1e30

/** The feeds for `declarePpoInputs`. Masked cells become 0, so that no NaN there can reach a sum as 0 · NaN. */
export function ppoFeeds(batch: PpoBatch, coefficients: PpoCoefficients): Record<string, Float32Array> {
  const { mask, refLogProbs, returns, oldValues, valueWeights } = batch
  const token = (values: ArrayLike<number>): Float32Array => {
    const fed = new Float32Array(values.length)
    for (let i = 0; i < fed.length; i++) if (mask[i % mask.length] !== 0) fed[i] = values[i] as number
    return fed
  }
  return {
    'ppo.oldLogProbs': token(batch.oldLogProbs),
    'ppo.advantages': token(batch.advantages),
    'ppo.policyWeights': token(batch.policyWeights),
    'ppo.statWeights': token(batch.statWeights),
    'ppo.clipLow': scalar(coefficients.clipLow),
    'ppo.clipHigh': scalar(coefficients.clipHigh),
    'ppo.dualClip': scalar(coefficients.dualClip),
    'ppo.entCoef': scalar(coefficients.entCoef),
    ...(returns !== undefined &&
      oldValues !== undefined &&
      valueWeights !== undefined && {
        'ppo.returns': token(returns),
        'ppo.oldValues': token(oldValues),
        'ppo.valueWeights': token(valueWeights),
        'ppo.valueClip': scalar(coefficients.valueClip),
        'ppo.vfCoef': scalar(coefficients.vfCoef),
      }),
    ...(refLogProbs !== undefined && {
      'ppo.refLogProbs': token(refLogProbs),
      'ppo.klCoef': scalar(coefficients.klCoef),
    }),
  }
}

/** What a value head said and should have said, as tables of a step. */
export interface CriticTargets {
  readonly values: Float64Array
  readonly returns: Float64Array
}

/**
 * The feeds for `declareCriticInputs`, head by head; one that learns nothing has weights of 0.
 * @param cut brings a table of the step into the slots of a micro-batch
 * @param mask of the micro-batch
 */
export function criticFeeds(
  critics: readonly (CriticTargets | undefined)[],
  weights: readonly Float64Array[],
  cut: (table: Float64Array) => Float64Array,
  mask: Float64Array,
  valueClip: number | undefined,
): Record<string, Float32Array> {
  const none = new Float64Array(weights[0]?.length ?? 0)
  const byHead = (of: (critic: CriticTargets, head: number) => Float64Array | undefined): Float32Array => {
    const fed = new Float32Array(critics.length * mask.length)
    for (const [head, critic] of critics.entries()) {
      const slots = cut((critic && of(critic, head)) ?? none)
      for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) fed[head * mask.length + i] = slots[i] as number
    }
    return fed
  }
  return {
    'ppo.returns': byHead(({ returns }) => returns),
    'ppo.oldValues': byHead(({ values }) => values),
    'ppo.valueWeights': byHead((_, head) => weights[head]),
    'ppo.valueClip': scalar(valueClip),
  }
}

function scalar(value: number | undefined): Float32Array {
  return Float32Array.of(value ?? OFF)
}
