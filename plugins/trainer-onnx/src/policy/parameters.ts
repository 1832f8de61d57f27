import { valueHeads, type PolicyConfig } from './config.ts'
import { patchCount, patchLength } from './patches.ts'
import { CounterRandom } from './random.ts'

/** One weight tensor inside the flat vector of weights. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  /** Index of its first element in the flat vector. */
  readonly offset: number
  readonly size: number
  /** Standard deviation at the start; 0: zeros. */
  readonly deviation: number
}

const TOKEN_DEVIATION = 0.3
const HEAD_DEVIATION = 0.05

/** Keeps the scale of a linear map's input (LeCun et al. 1998). */
function fanIn(size: number): number {
  return 1 / Math.sqrt(size)
}

/** The layout of the flat vector of weights: every parameter, in order. */
export function parameterTable(config: PolicyConfig): Parameter[] {
  const { width, heads, hidden, layers, patchHidden, valueHidden } = config
  const table: Parameter[] = []
  let offset = 0
  const declare = (name: string, shape: readonly number[], deviation: number): void => {
    const size = shape.reduce((a, b) => a * b, 1)
    table.push({ name, shape, offset, size, deviation })
    offset += size
  }
  // Blocks add to the stream; with this factor their sum keeps the scale of one (GPT-2).
  const residual = 1 / Math.sqrt(2 * layers)

  declare('patch.in', [patchLength(config.image), patchHidden], fanIn(patchLength(config.image)))
  declare('patch.in.bias', [patchHidden], 0)
  declare('patch.out', [patchHidden, width], fanIn(patchHidden))
  declare('patch.out.bias', [width], 0)
  declare('patch.position', [patchCount(config.image), width], 0.3)
  declare('token', [config.vocabulary, width], TOKEN_DEVIATION)
  declare('prompt.position', [config.maxPrompt, width], 0.1)
  declare('plan.position', [config.maxPlan, width], 0.1)
  for (let i = 0; i < layers; i++) {
    for (const part of ['query', 'key', 'value']) {
      declare(`block.${i}.${part}`, [heads, width, width / heads], fanIn(width))
    }
    declare(`block.${i}.merge`, [width, width], fanIn(width) * residual)
    declare(`block.${i}.up`, [width, hidden], fanIn(width))
    declare(`block.${i}.up.bias`, [hidden], 0)
    declare(`block.${i}.down`, [hidden, width], fanIn(hidden) * residual)
    declare(`block.${i}.down.bias`, [width], 0)
  }
  // A small head starts the policy near uniform, a zero value head starts the critic at 0 (37 PPO details; N details).
  declare('head', [width, config.emittable], HEAD_DEVIATION)
  for (const head of valueHeadNames(config)) {
    declare(`${head}.in`, [width, valueHidden], fanIn(width))
    declare(`${head}.in.bias`, [valueHidden], 0)
    declare(`${head}.out`, [valueHidden, 1], 0)
    declare(`${head}.out.bias`, [1], 0)
  }
  return table
}

/** What the parameters of each value head begin with. The first one's is that of a critic of the total. */
export function valueHeadNames(config: Pick<PolicyConfig, 'valueHeads'>): readonly string[] {
  return Array.from({ length: valueHeads(config) }, (_, head) => (head === 0 ? 'value' : `value.${head}`))
}

/** Index of the first weight of the value heads, which are the last of all. */
export function criticOffset(config: PolicyConfig): number {
  return parameterTable(config).find(({ name }) => name.startsWith('value.'))?.offset ?? parameterCount(config)
}

export function parameterCount(config: PolicyConfig): number {
  return parameterTable(config).reduce((sum, parameter) => sum + parameter.size, 0)
}

/** The flat vector at the start of training, normally distributed; same seed, same bits. */
export function initialWeights(config: PolicyConfig, seed: number): Float32Array {
  const theta = new Float32Array(parameterCount(config))
  const random = new CounterRandom(seed, 'weights')
  for (const { offset, size, deviation } of parameterTable(config)) {
    if (deviation === 0) continue
    for (let i = offset; i < offset + size; i++) theta[i] = deviation * random.normal()
  }
  startHeadFromTokens(config, theta)
  return theta
}

/**
 * Starts the head as the token table turned, so that a position which holds a word already leans towards writing it. A
 * plan copies most of its words, from the instruction or from what was seen; with a head of its own every word would
 * have to be learned by itself. They part in training.
 */
function startHeadFromTokens(config: PolicyConfig, theta: Float32Array): void {
  const { emittable, width } = config
  const { token = new Float32Array(), head = new Float32Array() } = parameterViews(config, theta)
  const scale = HEAD_DEVIATION / TOKEN_DEVIATION
  for (let id = 0; id < emittable; id++) {
    for (let i = 0; i < width; i++) head[i * emittable + id] = scale * (token[id * width + i] ?? 0)
  }
}

/** Views of the flat vector, by name of the parameter. No copies. */
export function parameterViews(config: PolicyConfig, theta: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(
    parameterTable(config).map(({ name, offset, size }) => [name, theta.subarray(offset, offset + size)]),
  )
}
