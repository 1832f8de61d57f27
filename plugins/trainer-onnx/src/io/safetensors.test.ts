import { expect, test } from 'vitest'
import { policyConfig } from '../policy/config.ts'
import { initialWeights } from '../policy/parameters.ts'
import { decodeSafetensors, encodeSafetensors, fromHalf, toHalf } from './safetensors.ts'
import { decodeWeights, encodeWeights } from './weights.ts'

const TENSORS = [
  { name: 'a', shape: [2, 3], data: Float32Array.of(0, -1, 1e-30, 3.5, Infinity, -65504) },
  { name: 'b', shape: [], data: Float32Array.of(7) },
]

test('tensors survive a round trip', () => {
  const { tensors, metadata } = decodeSafetensors(encodeSafetensors(TENSORS, { by: 'test' }))
  expect(tensors).toEqual(TENSORS)
  expect(metadata).toEqual({ by: 'test' })
})

test('the bytes are those of the format', () => {
  const bytes = encodeSafetensors([{ name: 'x', shape: [1], data: Float32Array.of(1) }])
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as unknown
  expect(header).toEqual({ __metadata__: {}, x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } })
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f])
})

test('half precision rounds to nearest, ties to even', () => {
  const all = Array.from({ length: 0x7c00 }, (_, half) => half)
  expect(all.filter((half) => toHalf(fromHalf(half)) !== half)).toEqual([])
  expect(toHalf(1 + 2 ** -11)).toBe(0x3c00)
  expect(toHalf(1 + 3 * 2 ** -11)).toBe(0x3c02)
  expect(toHalf(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01)
  expect(toHalf(65519)).toBe(0x7bff)
  expect(toHalf(65520)).toBe(0x7c00)
  expect(toHalf(-(2 ** -25))).toBe(0x8000)
  expect(fromHalf(toHalf(-0.1))).toBeCloseTo(-0.1, 4)
  expect(fromHalf(toHalf(NaN))).toBeNaN()
})

test('cut and foreign files are refused', () => {
  const bytes = encodeSafetensors(TENSORS)
  const invalid = expect.objectContaining({ code: 'DDA_SAFETENSORS_INVALID' }) as Error
  for (const broken of [bytes.subarray(0, 4), bytes.subarray(0, 40), bytes.subarray(0, bytes.length - 1)]) {
    expect(() => decodeSafetensors(broken)).toThrow(invalid)
  }
})

test('weights of another size are refused by name', () => {
  const vocabulary = { size: 20, emittable: 17 }
  const size = { layers: 1, width: 8, heads: 2, hidden: 8, patchHidden: 4, valueHidden: 4 }
  const config = policyConfig(vocabulary, size)
  const theta = initialWeights(config, 1)
  expect(decodeWeights(config, encodeWeights(config, theta, {}))).toEqual(theta)
  const half = decodeWeights(config, encodeWeights(config, theta, {}, 'F16'))
  expect(Math.max(...half.map((x, i) => Math.abs(x - (theta[i] ?? 0))))).toBeLessThan(1e-3)
  const other = policyConfig({ size: 21, emittable: 18 }, size)
  const mismatch = expect.objectContaining({ code: 'DDA_WEIGHTS_MISMATCH' }) as Error
  expect(() => decodeWeights(other, encodeWeights(config, theta, {}))).toThrow(mismatch)
})
