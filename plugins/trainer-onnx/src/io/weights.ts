import { errors } from '../errors.ts'
import type { PolicyConfig } from '../policy/config.ts'
import { parameterCount, parameterTable, valueHeadNames } from '../policy/parameters.ts'
import { decodeSafetensors, encodeSafetensors, type NamedTensor, type Precision } from './safetensors.ts'

/** A flat vector of weights as named tensors. */
export function nameWeights(config: PolicyConfig, theta: Float32Array): NamedTensor[] {
  return parameterTable(config).map(({ name, shape, offset, size }) => ({
    name,
    shape,
    data: theta.subarray(offset, offset + size),
  }))
}

export function encodeWeights(
  config: PolicyConfig,
  theta: Float32Array,
  metadata: Readonly<Record<string, string>>,
  precision: Precision = 'F32',
): Uint8Array {
  return encodeSafetensors(nameWeights(config, theta), metadata, precision)
}

/**
 * A weights file as the flat vector of a config.
 * @param start weights of value heads that the file does not hold: those of streams begin afresh; absent: all must be there
 * @throws DdaError `DDA_WEIGHTS_MISMATCH` where a parameter is missing or of another shape, `DDA_SAFETENSORS_INVALID`
 */
export function decodeWeights(config: PolicyConfig, bytes: Uint8Array, start?: () => Float32Array): Float32Array {
  const { tensors } = decodeSafetensors(bytes)
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const optional = new Set(start === undefined ? [] : valueHeadNames(config).slice(1))
  const theta = optional.size === 0 || start === undefined ? new Float32Array(parameterCount(config)) : start()
  for (const { name, shape, offset } of parameterTable(config)) {
    const tensor = byName.get(name)
    if (tensor === undefined && optional.has(name.split('.').slice(0, 2).join('.'))) continue
    if (tensor === undefined || tensor.shape.join() !== shape.join()) {
      const found = tensor === undefined ? 'missing' : `[${tensor.shape.join()}]`
      throw errors.make('DDA_WEIGHTS_MISMATCH', { name, shape: shape.join(), found })
    }
    theta.set(tensor.data, offset)
  }
  return theta
}
