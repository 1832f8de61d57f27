import { mulberry32 } from '@dda-thinker/plugin-api'
import { gradients } from './autodiff.ts'
import type { TensorData } from './dtype.ts'
import { Graph, type Lowering, type Tensor } from './graph.ts'
import { add, mul } from './ops-elementwise.ts'
import { reduceSum } from './ops-reduce.ts'
import type { SessionOptions } from './runtime.ts'
import { OnnxSession } from './session.ts'
import { sizeOf, type Shape } from './shape.ts'

export interface GradientCheckOptions {
  /** Lowest and highest value drawn for each parameter; default -1 and 1. */
  readonly range?: readonly [number, number]
  /** Half the width of the central difference. Default 1e-2. */
  readonly epsilon?: number
  readonly lowering?: Lowering
  readonly session?: SessionOptions
  readonly seed?: number
}

export interface GradientCheck {
  /** Derivative along a random direction by finite differences, and by the graph's gradient, per parameter. */
  readonly derivatives: Readonly<Record<string, { readonly numeric: number; readonly analytic: number }>>
  /** Largest |numeric - analytic| / max(|numeric|, |analytic|, 1e-3) over the parameters. */
  readonly worst: number
}

/**
 * Compares the gradient of a function with central differences along one random direction per parameter.
 * The scalar differentiated is a random weighting of every element of the function's outputs, added up in float64.
 * @param parameters shapes of the float32 inputs to differentiate by.
 * @param build the function under test, written with the graph's operations.
 * @param feeds other inputs that `build` declares.
 */
export async function checkGradient(
  parameters: Readonly<Record<string, Shape>>,
  build: (inputs: Readonly<Record<string, Tensor>>, graph: Graph) => Tensor | readonly Tensor[],
  feeds: Readonly<Record<string, TensorData>> = {},
  options: GradientCheckOptions = {},
): Promise<GradientCheck> {
  const random = mulberry32(options.seed ?? 1)
  const [low, high] = options.range ?? [-1, 1]
  const epsilon = options.epsilon ?? 1e-2
  const draw = (length: number, from: number, to: number): Float32Array =>
    Float32Array.from({ length }, () => from + (to - from) * random())

  const graph = new Graph({ lowering: options.lowering ?? 'fast' })
  const names = Object.keys(parameters)
  const inputs = Object.fromEntries(names.map((name) => [name, graph.parameter(name, parameters[name] ?? [])]))
  const built = build(inputs, graph)
  const outputs: readonly Tensor[] = Array.isArray(built) ? built : [built as Tensor]
  const weights = outputs.map((output) => draw(sizeOf(output.shape), 0.5, 1.5))
  const terms = outputs.map((output, i) => reduceSum(mul(output, graph.constant(weights[i] ?? [], output.shape))))
  const loss = terms.reduce((a, b) => add(a, b))
  const gradient = gradients(loss, Object.values(inputs))
  for (const [i, output] of outputs.entries()) graph.output(`y${i}`, output)
  for (const [i, name] of names.entries()) if (gradient[i] !== undefined) graph.output(`d_${name}`, gradient[i])

  const session = await OnnxSession.create(graph.build(), options.session)
  try {
    const point = Object.fromEntries(names.map((name) => [name, draw(sizeOf(parameters[name] ?? []), low, high)]))
    const at = async (name: string, values: Float32Array): Promise<number> => {
      const out = await session.run({ ...feeds, ...point, [name]: values })
      return weights.reduce((sum, weight, i) => sum + dot(weight, out[`y${i}`]?.data as Float32Array), 0)
    }
    const base = await session.run({ ...feeds, ...point })
    const derivatives: Record<string, { numeric: number; analytic: number }> = {}
    for (const name of names) {
      const values = point[name] ?? new Float32Array()
      const direction = draw(values.length, -1, 1)
      const shifted = (sign: number): Float32Array => values.map((v, i) => v + sign * epsilon * (direction[i] ?? 0))
      const [up, down] = [shifted(1), shifted(-1)]
      const numeric = ((await at(name, up)) - (await at(name, down))) / (2 * epsilon)
      derivatives[name] = { numeric, analytic: dot(direction, base[`d_${name}`]?.data as Float32Array) }
    }
    const errors = Object.values(derivatives).map(
      ({ numeric, analytic }) => Math.abs(numeric - analytic) / Math.max(Math.abs(numeric), Math.abs(analytic), 1e-3),
    )
    return { derivatives, worst: Math.max(...errors.map((error) => (Number.isNaN(error) ? Infinity : error))) }
  } finally {
    await session.release()
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return NaN
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0)
}
