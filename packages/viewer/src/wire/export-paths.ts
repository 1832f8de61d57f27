/** Rollouts or samples in one file of an export. */
export const CHUNK = 64

export function dataPath(...parts: readonly string[]): string {
  return ['data', ...parts].join('/')
}

/** @param place of any of the chunk */
export function chunkPath(run: string, kind: 'rollouts' | 'samples', place: number): string {
  return dataPath('runs', run, kind, `${Math.floor(place / CHUNK)}.json`)
}

/** @param a `run/thinker` */
export function comparisonName(a: string, b: string): string {
  return `${a} ${b}`
}
