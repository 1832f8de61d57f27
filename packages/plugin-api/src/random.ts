import { hash } from 'node:crypto'

/**
 * Uniform numbers in [0, 1), 32 bits each, that depend on the seed alone and are the same on every machine: mulberry32 (Tommy
 * Ettinger, public domain). For draws whose order does not matter see {@link deriveUniform}.
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** 32-bit FNV-1a of a text's UTF-16 code units, unsigned. For tables and streams, not for identity: use SHA-256 there. */
export function fnv1a(text: string): number {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return state >>> 0
}

/**
 * An unsigned 32-bit seed from named parts, the same on every machine and in any order of asking. Parts are length-prefixed by
 * JSON, so ('a', 'bc') and ('ab', 'c') differ.
 */
export function deriveSeed(...parts: readonly (string | number)[]): number {
  return hash('sha256', JSON.stringify(parts), 'buffer').readUInt32BE(0)
}

/** A number in [0, 1) drawn for a named purpose. */
export function deriveUniform(...parts: readonly (string | number)[]): number {
  return deriveSeed(...parts) / 2 ** 32
}
