/** Levels of arrays and objects in a body. What reads, hashes and writes one walks down, and its stack ends at some thousands. */
export const DEEPEST = 500

/** Whether a value that was read from JSON has more than so many levels. Without recursion. */
export function isDeeper(value: unknown, levels: number): boolean {
  let [level, depth] = [inside([value]), 0]
  while (level.length > 0) {
    depth += 1
    if (depth > levels) return true
    level = inside(level.flatMap((one) => Object.values(one) as unknown[]))
  }
  return false
}

function inside(values: readonly unknown[]): readonly object[] {
  return values.filter((value) => typeof value === 'object' && value !== null)
}
