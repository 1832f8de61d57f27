/** Entries by key, so that tables do not depend on the order of records. */
export function sortedByKey<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].toSorted(([a], [b]) => order(a, b))
}

/** By code units, wherever it runs. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
