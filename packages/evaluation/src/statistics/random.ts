/**
 * xoshiro128** (Blackman and Vigna, 2018), state filled by splitmix32: a small generator whose stream is the same on every
 * platform. Not for cryptography.
 *
 * @param seed Any safe integer; both of its 32-bit halves count.
 * @returns Function giving uniform numbers in [0, 1) with 32 bits of resolution.
 */
export function seededRandom(seed: number): () => number {
  let mix = (Math.imul(Math.floor(seed / 2 ** 32) | 0, 0x9e3779b1) ^ (seed | 0)) >>> 0
  const fill = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0
    let z = mix
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
  let a = fill()
  let b = fill()
  let c = fill()
  let d = fill()
  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result / 2 ** 32
  }
}
