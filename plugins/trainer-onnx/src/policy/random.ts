import { fnv1a } from '@dda-thinker/plugin-api'

/*
 * Counter-based random numbers: every number is a hash of (seed, stream, index), so what is drawn does not depend on the
 * order in which it is asked for (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 */

/** 32-bit finaliser of MurmurHash3 (Appleby): every input bit changes every output bit with probability about 1/2. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Hash of a seed (any safe integer or fraction of one), a stream and an index to 32 bits, unsigned. */
export function hash32(seed: number, stream: number, index: number): number {
  const low = seed | 0
  const high = Math.floor(seed / 4294967296) | 0
  let h = mix(low ^ 0x9e3779b9)
  h = mix(Math.imul(h, 0x01000193) ^ high ^ 0x3c6ef372)
  h = mix(Math.imul(h, 0x01000193) ^ stream)
  return mix(Math.imul(h, 0x01000193) ^ index) >>> 0
}

const SAMPLING = mix(fnv1a('sampling'))

/** The uniform number in [0, 1) that decides token `index` of the plan with that seed; exact in float32. */
export function samplingUniform(seed: number, index: number): number {
  return (hash32(seed, SAMPLING, index) >>> 8) / 16777216
}

/** A stream of numbers whose whole state is a seed, a name and a position. */
export class CounterRandom {
  private readonly seed: number
  private readonly stream: number
  /** Numbers drawn so far. */
  position: number

  constructor(seed: number, stream: string, position = 0) {
    this.seed = seed
    this.stream = mix(fnv1a(stream))
    this.position = position
  }

  /** In [0, 1). */
  uniform(): number {
    return hash32(this.seed, this.stream, this.position++) / 4294967296
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** The numbers 0 .. count-1 in random order (Fisher-Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1))
      const [a, b] = [order[i] ?? 0, order[j] ?? 0]
      order[i] = b
      order[j] = a
    }
    return order
  }
}
