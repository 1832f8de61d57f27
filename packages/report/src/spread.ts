import { groupBy } from '@dda-thinker/evaluation'

/** Round-robin over categories, and within one over sub-tasks, in the order given. */
export function spread<T>(
  rows: readonly T[],
  categoryOf: (row: T) => string,
  subtaskOf: (row: T) => string,
): readonly T[] {
  const inCategory = [...groupBy(rows, categoryOf).values()].map((group) =>
    interleave([...groupBy(group, subtaskOf).values()]),
  )
  return interleave(inCategory)
}

function interleave<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, i) =>
    lists.flatMap((list) => (i < list.length ? [list[i] as T] : [])),
  ).flat()
}
