import type { DdaError } from '@dda-thinker/plugin-api'
import { carries, type TensorData } from './dtype.ts'
import { errors } from './errors.ts'
import type { ValueSpec } from './graph.ts'
import { DYNAMIC, showShape, sizeOf, type Shape } from './shape.ts'

/** An array, or an array with its shape where the model leaves a size open. */
export type Feed = TensorData | { readonly data: TensorData; readonly shape: Shape }

function feedError(name: string, problem: string): DdaError {
  return errors.make('DDA_FEED/input', { name, problem })
}

/**
 * Checks a feed against what the model declares. An empty tensor can end the process inside ONNX Runtime (SIGFPE), so
 * none may pass.
 * @throws DdaError `DDA_FEED`
 */
export function checkFeed(name: string, spec: ValueSpec, feed: Feed | undefined): { data: TensorData; shape: Shape } {
  if (feed === undefined) throw feedError(name, 'is missing')
  const data = 'data' in feed ? feed.data : feed
  const shape = 'data' in feed ? feed.shape : spec.shape
  if (!carries(spec.dtype, data)) {
    const kind = (data as object | null)?.constructor?.name ?? typeof data
    throw feedError(name, `is a ${kind}, which does not carry ${spec.dtype}`)
  }
  if (shape.includes(DYNAMIC)) throw feedError(name, `has open sizes ${showShape(shape)}; feed it with its shape`)
  const fits =
    shape.length === spec.shape.length && spec.shape.every((size, i) => size === DYNAMIC || size === shape[i])
  if (!fits) {
    throw feedError(name, `has shape ${showShape(shape)} where the model takes ${showShape(spec.shape)}`)
  }
  const size = sizeOf(shape)
  if (size === 0) throw feedError(name, `is empty: ${showShape(shape)}`)
  if (data.length !== size) throw feedError(name, `has ${data.length} elements where ${showShape(shape)} needs ${size}`)
  if (typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer) {
    throw feedError(name, 'lies in a SharedArrayBuffer, which ONNX Runtime does not take')
  }
  return { data, shape }
}
