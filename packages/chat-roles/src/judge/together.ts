/** Waits for all; where one fails, the others are stopped and waited for, and that failure is what is thrown. */
export async function together<T>(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<T>[],
): Promise<T[]> {
  signal.throwIfAborted()
  const scope = new AbortController()
  const onAbort = (): void => scope.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const work = start(scope.signal)
  try {
    return await Promise.all(work)
  } catch (error) {
    scope.abort(error)
    await Promise.allSettled(work)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
