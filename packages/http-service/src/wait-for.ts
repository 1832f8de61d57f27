import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when a signal fires; at once where it has. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Waits until something is done, for so many seconds at most, and no longer than until `abort` fires. */
export async function waitFor(done: Promise<unknown>, seconds: number, abort?: AbortSignal): Promise<void> {
  const over = new AbortController()
  const late = sleep(Math.max(0, seconds) * 1000, undefined, { signal: over.signal }).catch(() => undefined)
  await Promise.race([done, late, ...(abort === undefined ? [] : [fired(abort)])])
  over.abort()
}
