/**
 * Works on items, at most `limit` at once, and takes the results in the order of the items: whatever ends first, a sum of them has the
 * same bits. `take` of an item comes before `work` of the one `limit` places behind it. After a failure nothing more begins; it is thrown
 * once all that had begun has ended.
 */
export async function inOrder<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
  take: (result: R, index: number) => void,
): Promise<void> {
  const begun: Promise<R>[] = []
  try {
    for (let i = 0; i < items.length; i++) {
      while (begun.length < Math.min(items.length, i + limit)) {
        const next = begun.length
        const working = work(items[next] as T, next)
        // It is awaited in its turn; until then its failure must not count as one that nobody handles.
        working.catch(() => undefined)
        begun.push(working)
      }
      take(await (begun[i] as Promise<R>), i)
    }
  } finally {
    await Promise.allSettled(begun)
  }
}
