import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** One tensor of a file. */
export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Element types of a file; `F16` halves its size and keeps about three decimal digits. */
export type Precision = 'F32' | 'F16'

interface HeaderEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2 }

/**
 * The safetensors format (https://github.com/huggingface/safetensors, "Format"): the header's length as little-endian
 * 64-bit number, the header as JSON padded with spaces to a multiple of 8, then the tensors, row-major, little-endian.
 */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
  precision: Precision = 'F32',
): Uint8Array {
  const width = precision === 'F32' ? 4 : 2
  let offset = 0
  const header: Record<string, unknown> = { __metadata__: metadata }
  for (const { name, shape, data } of tensors) {
    header[name] = { dtype: precision, shape, data_offsets: [offset, offset + data.length * width] }
    offset += data.length * width
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded)
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true)
  out.set(json, 8)
  let at = 8 + padded
  for (const { data } of tensors) {
    const stored = precision === 'F32' ? data : Uint16Array.from(data, toHalf)
    out.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), at)
    at += stored.byteLength
  }
  return out
}

/** @throws DdaError `DDA_SAFETENSORS_INVALID` */
export function decodeSafetensors(bytes: Uint8Array): {
  readonly tensors: readonly NamedTensor[]
  readonly metadata: Readonly<Record<string, string>>
} {
  if (bytes.length < 8) throw invalid('the file is shorter than its header')
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > bytes.length - 8) throw invalid('the header is cut off')
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  } catch (cause) {
    throw invalid('the header is no JSON', cause)
  }
  if (!isFields(header)) throw invalid('the header is no object')
  const metadata = (isFields(header['__metadata__']) ? header['__metadata__'] : {}) as Record<string, string>
  const body = bytes.subarray(8 + length)
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => decodeTensor(name, entry, body))
  return { tensors, metadata }
}

function decodeTensor(name: string, entry: unknown, body: Uint8Array): NamedTensor {
  if (!isHeaderEntry(entry)) throw invalid(`${name} has no sound \`dtype\`, \`shape\` and \`data_offsets\``)
  const width = Object.hasOwn(BYTES, entry.dtype) ? BYTES[entry.dtype] : undefined
  const [from, to] = entry.data_offsets
  const size = entry.shape.reduce((a, b) => a * b, 1)
  if (width === undefined) throw invalid(`${name} is of type ${entry.dtype}; F32 and F16 are known`)
  if (from > to || to > body.length || to - from !== size * width) throw invalid(`${name} is cut off or misshapen`)
  // A copy, because the data may start at an address that is no multiple of 4 (and slice() of a Buffer is none).
  const raw = new Uint8Array(body.subarray(from, to))
  const data =
    entry.dtype === 'F32' ? new Float32Array(raw.buffer) : Float32Array.from(new Uint16Array(raw.buffer), fromHalf)
  return { name, shape: entry.shape, data }
}

function isHeaderEntry(entry: unknown): entry is HeaderEntry {
  if (!isFields(entry)) return false
  const { dtype, shape, data_offsets: offsets } = entry
  return typeof dtype === 'string' && areCounts(shape) && areCounts(offsets) && offsets.length === 2
}

function areCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const scratch = new DataView(new ArrayBuffer(4))

/** IEEE 754 binary16, rounded to nearest, ties to even; too large numbers become infinite. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value)
  const bits = scratch.getUint32(0)
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Subnormal: a multiple of 2^-24.
    const scaled = Math.abs(value) * 16777216
    const floor = Math.floor(scaled)
    const rest = scaled - floor
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0))
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  return sign | ((rounded - 0x38000000) >>> 13)
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function invalid(problem: string, cause?: unknown): DdaError {
  return errors.make('DDA_SAFETENSORS_INVALID', { problem }, { cause })
}
