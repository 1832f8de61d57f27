import { type DdaError, isDdaError } from '@dda-thinker/plugin-api'
import { allocate, carries, type TensorData } from './dtype.ts'
import { errors } from './errors.ts'
import { checkFeed, type Feed } from './feeds.ts'
import type { ValueSpec } from './graph.ts'
import {
  loadOrt,
  ortOptions,
  requireProvider,
  type Ort,
  type OrtInferenceSession,
  type OrtTensor,
  type OrtValueMetadata,
  type SessionOptions,
} from './runtime.ts'
import { DYNAMIC, isStatic, showShape, sizeOf } from './shape.ts'

export interface RunOptions {
  /** Names of the outputs wanted. Default: all. */
  readonly outputs?: readonly string[]
  /** Arrays that take outputs of static shape, by output name. They must not overlap an input. */
  readonly into?: Readonly<Record<string, TensorData>>
}

/** A value that a run gave. */
export interface RunOutput {
  readonly data: TensorData
  readonly shape: readonly number[]
}

/**
 * A model loaded into ONNX Runtime. `run` computes on the calling thread and blocks it, so training belongs in a worker
 * thread. Feeds are read in place: do not change an array before the run that takes it has returned.
 */
export class OnnxSession {
  readonly inputs: Readonly<Record<string, ValueSpec>>
  readonly outputs: Readonly<Record<string, ValueSpec>>
  private session: OrtInferenceSession | undefined
  private readonly ort: Ort

  private constructor(ort: Ort, session: OrtInferenceSession) {
    this.ort = ort
    this.session = session
    this.inputs = specs(session.inputMetadata)
    this.outputs = specs(session.outputMetadata)
  }

  /**
   * @param model the bytes of an `.onnx` file.
   * @throws DdaError `DDA_ORT_MISSING`, `DDA_PROVIDER_UNAVAILABLE`, or `DDA_SESSION` when the model is refused.
   */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<OnnxSession> {
    const ort = await loadOrt()
    await requireProvider(options.provider ?? 'cpu')
    try {
      return new OnnxSession(ort, await ort.InferenceSession.create(model, ortOptions(options)))
    } catch (cause) {
      if (isDdaError(cause)) throw cause
      throw errors.make('DDA_SESSION/model', { why: message(cause) }, { cause })
    }
  }

  /**
   * Runs the model once. A feed is an array, or an array with its shape where the model leaves a size open.
   * @throws DdaError `DDA_FEED` for a missing, unknown, empty or misshapen feed, before the runtime sees it;
   *   `DDA_RUN` when the runtime fails.
   */
  async run(feeds: Readonly<Record<string, Feed>>, options: RunOptions = {}): Promise<Record<string, RunOutput>> {
    const session = this.session
    if (session === undefined) {
      throw errors.make('DDA_SESSION/released')
    }
    const inputs: Record<string, OrtTensor> = {}
    for (const [name, spec] of Object.entries(this.inputs)) {
      const { data, shape } = checkFeed(name, spec, feeds[name])
      inputs[name] = new this.ort.Tensor(spec.dtype, data, shape)
    }
    for (const name of Object.keys(feeds)) {
      if (this.inputs[name] === undefined) throw unknownName('input', name, this.inputs)
    }
    const wanted = options.outputs ?? Object.keys(this.outputs)
    const fetches: Record<string, OrtTensor | null> = {}
    for (const name of wanted) fetches[name] = this.target(name, options.into?.[name], feeds)
    let results: Readonly<Record<string, OrtTensor>>
    try {
      results = await session.run(inputs, fetches)
    } catch (cause) {
      throw errors.make('DDA_RUN', { why: message(cause) }, { cause })
    }
    return Object.fromEntries(
      wanted.map((name) => {
        const result = results[name]
        if (result === undefined) throw unknownName('output', name, results)
        return [name, { data: options.into?.[name] ?? result.data, shape: result.dims }]
      }),
    )
  }

  /** Ends profiling and writes the file. */
  endProfiling(): void {
    this.session?.endProfiling()
  }

  /** Frees the runtime's memory; a second call does nothing. */
  async release(): Promise<void> {
    const session = this.session
    this.session = undefined
    await session?.release()
  }

  /** The tensor that takes an output, or null to let the runtime allocate it. */
  private target(name: string, data: TensorData | undefined, feeds: Readonly<Record<string, Feed>>): OrtTensor | null {
    const spec = this.outputs[name]
    if (spec === undefined) throw unknownName('output', name, this.outputs)
    if (data === undefined) return null
    const fits = isStatic(spec.shape) && carries(spec.dtype, data) && data.length === sizeOf(spec.shape)
    const aliased = Object.values(feeds).some((feed) => overlaps(data, 'data' in feed ? feed.data : feed))
    if (!fits || aliased) {
      const problem = aliased ? 'overlaps an input' : `is not ${spec.dtype}${showShape(spec.shape)}`
      throw errors.make('DDA_FEED/output', { name, problem })
    }
    return new this.ort.Tensor(spec.dtype, data, spec.shape)
  }
}

/** Arrays for all outputs of static shape, to pass as `into` on every run. */
export function allocateOutputs(session: OnnxSession): Record<string, TensorData> {
  const fixed = Object.entries(session.outputs).filter(([, spec]) => isStatic(spec.shape))
  return Object.fromEntries(fixed.map(([name, spec]) => [name, allocate(spec.dtype, sizeOf(spec.shape))]))
}

function overlaps(a: TensorData, b: TensorData): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  )
}

function specs(metadata: readonly OrtValueMetadata[]): Record<string, ValueSpec> {
  return Object.fromEntries(
    metadata.map((value) => {
      if (!value.isTensor) {
        throw errors.make('DDA_SESSION/tensors', { name: value.name })
      }
      const shape = value.shape.map((size) => (typeof size === 'number' ? size : DYNAMIC))
      return [value.name, { shape, dtype: value.type }]
    }),
  )
}

function unknownName(what: string, name: string, known: Readonly<Record<string, unknown>>): DdaError {
  return errors.make('DDA_FEED/unknown', { what, name, known: Object.keys(known).join(', ') })
}

function message(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
