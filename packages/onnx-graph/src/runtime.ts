import type { DType, TensorData } from './dtype.ts'
import { errors } from './errors.ts'
import { Graph } from './graph.ts'
import { add } from './ops-elementwise.ts'

/*
 * The only file of the project that imports onnxruntime-node. What it uses of that package is declared here, because
 * the package's own types need the browser's (ImageData, WebGLTexture), which a Node program does not load.
 */
export interface OrtTensor {
  readonly data: TensorData
  readonly dims: readonly number[]
}

export interface OrtValueMetadata {
  readonly name: string
  readonly isTensor: boolean
  readonly type: DType
  readonly shape: readonly (number | string)[]
}

export interface OrtInferenceSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly inputMetadata: readonly OrtValueMetadata[]
  readonly outputMetadata: readonly OrtValueMetadata[]
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Readonly<Record<string, OrtTensor | null>>,
  ): Promise<Readonly<Record<string, OrtTensor>>>
  release(): Promise<void>
  endProfiling(): void
}

export interface Ort {
  readonly InferenceSession: {
    create(model: Uint8Array | string, options: Readonly<Record<string, unknown>>): Promise<OrtInferenceSession>
  }
  readonly Tensor: new (type: DType, data: TensorData, dims: readonly number[]) => OrtTensor
  readonly env: { logLevel?: string }
  listSupportedBackends(): readonly { readonly name: string }[]
}

const PACKAGE: string = 'onnxruntime-node'
/** Every error is thrown with its message; the log would only repeat it, or warn about each folded constant. */
const LOG_LEVEL = 'fatal'

export interface SessionOptions {
  /** Execution provider: 'cpu' (default), 'cuda', 'webgpu', ... What it cannot run falls to the CPU. */
  readonly provider?: string
  /** Threads inside one operator. Default 1. The results do not depend on it. */
  readonly threads?: number
  /** Let idle threads spin between operators: about 10 % faster, but a core stays busy. Default false. */
  readonly spin?: boolean
  /** Graph optimisation of ONNX Runtime. Default 'all'. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all'
  /** Keep freed memory for the next run. Default true; false takes a quarter of the memory and is about 30 % slower. */
  readonly memoryArena?: boolean
  /** Write a per-operator profile to a file whose name starts with this, at {@link OnnxSession.endProfiling}. */
  readonly profilePrefix?: string
}

let loading: Promise<Ort> | undefined
const probes = new Map<string, Promise<unknown>>()

/** Loads the runtime once. @throws DdaError `DDA_ORT_MISSING` */
export async function loadOrt(): Promise<Ort> {
  loading ??= import(PACKAGE) as Promise<Ort>
  try {
    const ort = await loading
    // Read once, when the first session is made.
    ort.env.logLevel = LOG_LEVEL
    return ort
  } catch (cause) {
    throw errors.make('DDA_ORT_MISSING', {}, { kind: 'unavailable', stopsRun: true, cause })
  }
}

/** Session options as ONNX Runtime takes them. */
export function ortOptions(options: SessionOptions): Readonly<Record<string, unknown>> {
  const provider = options.provider ?? 'cpu'
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.optimization ?? 'all',
    enableCpuMemArena: options.memoryArena ?? true,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: options.spin === true ? '1' : '0' } } },
    ...(options.profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
  }
}

/** Tries one provider with a one-node model; what the runtime lists is not always what works. */
async function probe(provider: string): Promise<unknown> {
  let outcome = probes.get(provider)
  if (outcome === undefined) {
    outcome = (async () => {
      const ort = await loadOrt()
      // A name that it does not know is dropped by the JavaScript side, with a warning, and the CPU used instead.
      if (!ort.listSupportedBackends().some(({ name }) => name === provider)) return new Error('not a known provider')
      const graph = new Graph()
      graph.output('y', add(graph.input('x', [1]), 1))
      try {
        const session = await ort.InferenceSession.create(graph.build(), ortOptions({ provider }))
        await session.release()
        return undefined
      } catch (error) {
        return error
      }
    })()
    probes.set(provider, outcome)
  }
  return outcome
}

/** Execution providers that work on this machine, by trial. */
export async function availableProviders(): Promise<string[]> {
  const ort = await loadOrt()
  const working: string[] = []
  for (const { name } of ort.listSupportedBackends()) {
    if ((await probe(name)) === undefined) working.push(name)
  }
  return working
}

/** Does nothing when the provider works. @throws DdaError `DDA_PROVIDER_UNAVAILABLE` naming the ones that work. */
export async function requireProvider(provider: string): Promise<void> {
  if (provider === 'cpu') return
  const cause = await probe(provider)
  if (cause === undefined) return
  const working = (await availableProviders()).join(', ')
  const hint =
    provider === 'cuda'
      ? ' CUDA needs an NVIDIA GPU, CUDA 12 with cuDNN, and the CUDA files of onnxruntime-node, which ' +
        '`npm rebuild onnxruntime-node --ignore-scripts=false` downloads.'
      : ''
  throw errors.make('DDA_PROVIDER_UNAVAILABLE', { provider, working, hint }, { cause })
}
