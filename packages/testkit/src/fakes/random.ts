/** Numbers in [0, 1) that depend on the seed alone, for property tests that can be repeated. */
export { mulberry32 as seededRandom } from '@dda-thinker/plugin-api'

/** A whole number in [low, high]. */
export function randomInteger(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** One of the choices. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T
}
