import { loadOrt, type Ort, type OrtInferenceSession } from '@dda-thinker/onnx-graph'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** What a worker needs to know of a model. */
export interface ModelSettings {
  readonly name: string
  /** Absolute. */
  readonly file: string
  readonly input: string | undefined
  readonly output: string | undefined
  readonly pool: 'cls' | 'mean'
  readonly provider: string
  readonly threads: number
}

/** Outputs of exported CLIP and DINO encoders, the most wanted first. */
const USUAL_OUTPUTS = ['image_embeds', 'pooler_output', 'last_hidden_state'] as const

/** One loaded model: tensor in, embedding out. */
export class Embedder {
  readonly #settings: ModelSettings
  readonly #ort: Ort
  readonly #session: OrtInferenceSession
  readonly #input: string
  readonly #output: string

  private constructor(settings: ModelSettings, ort: Ort, session: OrtInferenceSession) {
    this.#settings = settings
    this.#ort = ort
    this.#session = session
    const usual = USUAL_OUTPUTS.find((name) => session.outputNames.includes(name))
    this.#input = pick('input', session.inputNames, settings.input ?? only(session.inputNames), settings)
    this.#output = pick('output', session.outputNames, settings.output ?? usual ?? only(session.outputNames), settings)
  }

  /** @throws DdaError `DDA_JUDGE_MODEL` where the file cannot be loaded or has not the input or output */
  static async load(settings: ModelSettings): Promise<Embedder> {
    const ort = await loadOrt()
    const { provider, threads, file } = settings
    let session: OrtInferenceSession
    try {
      session = await ort.InferenceSession.create(file, {
        executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      })
    } catch (cause) {
      throw broken(settings, `cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
    }
    return new Embedder(settings, ort, session)
  }

  /** @throws DdaError `DDA_JUDGE_MODEL` where it does not run, or gives no finite vector */
  async embed(data: Float32Array, dims: readonly number[]): Promise<Float64Array> {
    let output: { readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] } | undefined
    try {
      const feeds = { [this.#input]: new this.#ort.Tensor('float32', data, dims) }
      const results = await this.#session.run(feeds, { [this.#output]: null })
      output = results[this.#output]
    } catch (cause) {
      throw broken(
        this.#settings,
        `does not take [${dims.join(', ')}]: ${cause instanceof Error ? cause.message : ''}`,
        cause,
      )
    }
    if (output === undefined) throw broken(this.#settings, `gave no ${this.#output}`)
    const vector = poolOutput(output.data, output.dims, this.#settings.pool)
    if (vector === undefined) {
      throw broken(this.#settings, `gave ${this.#output} of shape [${output.dims.join(', ')}], which is no embedding`)
    }
    if (!vector.every(Number.isFinite))
      throw broken(this.#settings, `gave ${this.#output} with values that are not finite`)
    return vector
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** `[1, D]` or `[D]` as it is; of `[1, T, D]` the first token, or the mean of all; anything else is no embedding. */
export function poolOutput(
  data: ArrayLike<number | bigint>,
  dims: readonly number[],
  pool: 'cls' | 'mean',
): Float64Array | undefined {
  const values = Float64Array.from({ length: data.length }, (_, i) => Number(data[i]))
  const shape = dims.length > 1 && dims[0] === 1 ? dims.slice(1) : dims
  const [tokens = 0, width = tokens] = shape
  if (tokens === 0 || width === 0 || shape.length > 2) return undefined
  if (shape.length === 1) return values
  if (pool === 'cls') return values.slice(0, width)
  const mean = new Float64Array(width)
  for (let i = 0; i < values.length; i++) mean[i % width] = (mean[i % width] as number) + (values[i] as number) / tokens
  return mean
}

/** Cosine of two vectors, in [-1, 1]; undefined where one has no direction. */
export function cosine(a: Float64Array, b: Float64Array): number | undefined {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return aa === 0 || bb === 0 ? undefined : Math.min(1, Math.max(-1, dot / Math.sqrt(aa * bb)))
}

function only(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined
}

function pick(what: string, names: readonly string[], wanted: string | undefined, settings: ModelSettings): string {
  if (wanted !== undefined && names.includes(wanted)) return wanted
  const problem = wanted === undefined ? `has more than one ${what}` : `has no ${what} "${wanted}"`
  throw broken(settings, `${problem}; it has ${names.join(', ')}`)
}

function broken({ name, file }: ModelSettings, problem: string, cause?: unknown): DdaError {
  return errors.make(
    'DDA_JUDGE_MODEL/use',
    { name, file, problem },
    { kind: 'unavailable', stopsRun: true, ...(cause === undefined ? {} : { cause }) },
  )
}
