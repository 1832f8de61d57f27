import { createHash } from 'node:crypto'

/** An unsigned 32-bit number that follows from its parts alone, the same on every machine. */
export function draw(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32BE(0)
}

/** {@link draw} in [0, 1). */
export function drawUniform(...parts: readonly (string | number)[]): number {
  return draw(...parts) / 2 ** 32
}
