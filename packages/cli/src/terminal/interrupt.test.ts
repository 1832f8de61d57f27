import { expect, test } from 'vitest'
import { onInterrupt } from './interrupt.ts'

test.each([
  ['SIGINT', 'Press Ctrl-C again to abort it.'],
  ['SIGTERM', 'Another SIGTERM aborts it.'],
] as const)('%s stops softly and says what aborts: %s', (signal, again) => {
  const said: string[] = []
  const interrupt = onInterrupt((message) => said.push(message))
  // Told to this listener alone: others of this process are none of its business.
  const heard = process.listeners(signal).at(-1) as ((signal: NodeJS.Signals) => void) | undefined
  try {
    heard?.(signal)
    expect(said).toEqual([`Stopping after the work in flight. ${again}`])
    expect([interrupt.stop.aborted, interrupt.signal.aborted, interrupt.reason()]).toEqual([true, false, 'signal'])
    heard?.(signal)
    expect(interrupt.signal.aborted).toBe(true)
  } finally {
    interrupt.release()
  }
})
