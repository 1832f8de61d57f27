import { deriveSeed, mulberry32 } from '@dda-thinker/plugin-api'

/** Seed of one plan: every member of every group of every step samples independently. */
export function planSeed(run: number, step: number, sampleId: string, member: number): number {
  return deriveSeed('plan', run, step, sampleId, member)
}

/** Fisher-Yates with mulberry32: the permutation depends on the seed alone. */
export function seededPermutation(length: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index)
  const random = mulberry32(seed)
  for (let last = length - 1; last > 0; last -= 1) {
    const pick = Math.floor(random() * (last + 1))
    const kept = order[last] ?? 0
    order[last] = order[pick] ?? 0
    order[pick] = kept
  }
  return order
}
