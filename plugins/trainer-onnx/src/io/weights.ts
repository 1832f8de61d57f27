import { errors } from '../errors.ts'
import type { PolicyConfig } from '../policy/config.ts'
import { parameterCount, parameterTable } from '../policy/parameters.ts'
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
 * @throws DdaError `DDA_WEIGHTS_MISMATCH` where a parameter is missing or of another shape, `DDA_SAFETENSORS_INVALID`
 */
export function decodeWeights(config: PolicyConfig, bytes: Uint8Array): Float32Array {
  const { tensors } = decodeSafetensors(bytes)
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const theta = new Float32Array(parameterCount(config))
  for (const { name, shape, offset } of parameterTable(config)) {
    const tensor = byName.get(name)
    if (tensor === undefined || tensor.shape.join() !== shape.join()) {
      const found = tensor === undefined ? 'missing' : `[${tensor.shape.join()}]`
      throw errors.make('DDA_WEIGHTS_MISMATCH', { name, shape: shape.join(), found })
    }
    theta.set(tensor.data, offset)
  }
  return theta
}
