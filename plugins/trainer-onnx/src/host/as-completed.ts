/**
 * Runs tasks, at most `limit` at once, and yields their results as they come.
 * @throws the first rejection, and the signal's reason once it is aborted
 */
export async function* asCompleted<T>(
  tasks: Iterable<() => Promise<T>>,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = tasks[Symbol.iterator]()
  const finished: T[] = []
  let running = 0
  let areAllBegun = false
  let failure: { readonly error: unknown } | undefined
  let wake = nothing
  const run = async (task: () => Promise<T>): Promise<void> => {
    running++
    try {
      finished.push(await task())
    } catch (error) {
      failure ??= { error }
    }
    running--
    wake()
  }
  const tasksInFlight = (): number => running
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      signal.throwIfAborted()
      if (failure !== undefined) throw failure.error
      while (!areAllBegun && tasksInFlight() < limit) {
        const next = iterator.next()
        if (next.done === true) areAllBegun = true
        else void run(next.value)
      }
      while (finished.length > 0) yield finished.shift() as T
      // All that were begun may have ended while whoever takes the results was at work on them.
      if (areAllBegun && running === 0 && finished.length === 0) return
      await new Promise<void>((resolve) => {
        wake = () => resolve()
        if (finished.length > 0 || failure !== undefined || running === 0) resolve()
      })
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function nothing(): void {}
