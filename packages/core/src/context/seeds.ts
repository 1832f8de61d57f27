import { createHash } from 'node:crypto'

/**
 * An unsigned 32-bit seed from named parts, the same on every machine. Parts are length-prefixed by JSON, so ('a', 'bc') and
 * ('ab', 'c') differ.
 */
export function deriveSeed(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32BE(0)
}

/** Seed of one plan: every member of every group of every step samples independently. */
export function planSeed(run: number, step: number, sampleId: string, member: number): number {
  return deriveSeed('plan', run, step, sampleId, member)
}

/**
 * Seed of the Editor for a sample. All members of a group share it, so reward differences come from the plan; all steps
 * share it, so that an identical plan is an identical edit and is bought once.
 */
export function editorSeed(run: number, sampleId: string): number {
  return deriveSeed('edit', run, sampleId)
}

/** A number in [0, 1) drawn for a named purpose. */
export function deriveUniform(...parts: readonly (string | number)[]): number {
  return deriveSeed(...parts) / 2 ** 32
}

/** Fisher-Yates with a counter-based generator (mulberry32): the permutation depends on the seed alone. */
export function seededPermutation(length: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index)
  let state = seed >>> 0
  for (let last = length - 1; last > 0; last -= 1) {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    const pick = Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (last + 1))
    const kept = order[last] ?? 0
    order[last] = order[pick] ?? 0
    order[pick] = kept
  }
  return order
}
