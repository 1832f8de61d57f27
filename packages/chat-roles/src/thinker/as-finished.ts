/**
 * Works on items, at most `limit` at once, and yields results as they come. When the consumer leaves early no further item
 * is begun, `stop` is called, and what is under way is waited for.
 * @param work must not reject
 */
export async function* asFinished<T, R>(
  items: readonly T[],
  options: { readonly limit: number; readonly stop: () => void },
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const { limit, stop } = options
  const finished: R[] = []
  const state: { over: boolean; wake?: () => void } = { over: false }
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined && !state.over; item = items[next++]) {
      finished.push(await work(item))
      state.wake?.()
    }
  }
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker)
  try {
    for (let left = items.length; left > 0; left--) {
      if (finished.length === 0) {
        await new Promise<void>((resolve) => {
          state.wake = resolve
        })
      }
      const result = finished.shift()
      if (result !== undefined) yield result
    }
  } finally {
    state.over = true
    stop()
    await Promise.all(workers)
  }
}
