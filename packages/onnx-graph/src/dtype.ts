import { errors } from './errors.ts'
import type { DType } from './proto.ts'

export type { DType } from './proto.ts'

/** The typed array that carries elements of each type; booleans are bytes 0 and 1. */
export interface TypedArrayOf {
  readonly float32: Float32Array
  readonly uint8: Uint8Array
  readonly int32: Int32Array
  readonly int64: BigInt64Array
  readonly bool: Uint8Array
}

export type TensorData = TypedArrayOf[DType]

const CONSTRUCTOR = {
  float32: Float32Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const

/** A zeroed array of that element type. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrayOf[D] {
  return new CONSTRUCTOR[dtype](length) as TypedArrayOf[D]
}

/** Whether `data` is the kind of array that carries `dtype`. */
export function carries(dtype: DType, data: unknown): data is TensorData {
  return data instanceof CONSTRUCTOR[dtype]
}

/** Numbers as elements of that type. @throws DdaError `DDA_GRAPH_DTYPE` for a fraction as an integer. */
export function typedArray(dtype: DType, values: ArrayLike<number>): TensorData {
  if (dtype !== 'float32') {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isInteger(values[i])) {
        throw errors.make('DDA_GRAPH_DTYPE/element', { value: String(values[i]), dtype })
      }
    }
  }
  if (dtype === 'int64') return BigInt64Array.from(Array.from(values), (value) => BigInt(value))
  return CONSTRUCTOR[dtype].from(values)
}

/** The bytes of an array, without a copy. Every platform that ONNX Runtime ships for is little-endian, as ONNX asks. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
