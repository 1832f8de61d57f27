import type { BenchmarkItem, Json } from '@dda-thinker/plugin-api'

const KEY = 'consistency_free'

/** Is the item judged without consistency? A key that is there counts, whatever its value, unless it is null. */
export function isConsistencyFree({ entry }: BenchmarkItem): boolean {
  return entry[KEY] !== undefined && entry[KEY] !== null
}

/**
 * Does the released script give the item the weights of one that is free of consistency? It asks whether the cell of a pandas
 * column is true. An absent key makes NaN of the cell as soon as any other item has the key, and NaN is true; a null is NaN
 * among numbers, and None, which is false, among anything else (pandas 2).
 */
export function releasedTruth(items: readonly BenchmarkItem[]): (item: BenchmarkItem) => boolean {
  const values = items.map(({ entry }) => entry[KEY])
  const present = values.filter((value): value is Json => value !== undefined)
  if (present.length === 0) return () => false
  const numbers = present.filter((value) => typeof value === 'number').length
  const nulls = present.filter((value) => value === null).length
  const nullIsNaN = numbers + nulls === present.length && (numbers > 0 || present.length < values.length)
  return ({ entry }) => {
    const value = entry[KEY]
    if (value === undefined) return true
    return value === null ? nullIsNaN : Boolean(value)
  }
}
