import { DdaError } from '@dda-thinker/plugin-api'

/*
 * The only file of this plugin that loads onnxruntime-node. What it uses of that package is declared here, because the
 * package's own types need the browser's, which a Node program does not load.
 */
export interface OrtTensor {
  readonly data: ArrayLike<number | bigint>
  readonly dims: readonly number[]
}

export interface OrtSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OrtTensor>>>
  release(): Promise<void>
}

export interface Ort {
  readonly InferenceSession: {
    create(path: string, options: Readonly<Record<string, unknown>>): Promise<OrtSession>
  }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor
  readonly env: { logLevel?: string }
}

const PACKAGE: string = 'onnxruntime-node'

/** @throws DdaError `DDA_JUDGE_ORT_MISSING` */
export async function loadOrt(): Promise<Ort> {
  try {
    const ort = (await import(PACKAGE)) as Ort
    ort.env.logLevel = 'error'
    return ort
  } catch (cause) {
    throw new DdaError(
      'DDA_JUDGE_ORT_MISSING',
      'onnxruntime-node cannot be loaded, and the models of judge-onnx run on it',
      {
        kind: 'unavailable',
        stopsRun: true,
        next:
          'Install it with `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@~1.30.0`, or leave `models` out: SSIM ' +
          'and PSNR do without.',
        cause,
      },
    )
  }
}
