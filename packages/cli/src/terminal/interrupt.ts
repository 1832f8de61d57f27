/** How a command was asked to end early. */
export interface Interrupt {
  /** Soft: finish what is in flight, save, stop. */
  readonly stop: AbortSignal
  /** Hard: abort what is in flight. */
  readonly signal: AbortSignal
  /** Why `stop` fired. */
  readonly reason: () => 'signal' | 'budget' | undefined
  release(): void
}

/**
 * The first Ctrl-C or SIGTERM stops softly, the second aborts, the third ends the process at once.
 *
 * @param maxSeconds a wall-clock budget after which `stop` fires; absent: none
 */
export function onInterrupt(say: (message: string) => void, maxSeconds?: number): Interrupt {
  const stop = new AbortController()
  const abort = new AbortController()
  let reason: 'signal' | 'budget' | undefined
  let presses = 0
  const press = (signal: NodeJS.Signals): void => {
    presses += 1
    if (presses === 1) {
      reason ??= 'signal'
      // Supervisors press no keys.
      const again = signal === 'SIGTERM' ? 'Another SIGTERM aborts it.' : 'Press Ctrl-C again to abort it.'
      say(`Stopping after the work in flight. ${again}`)
      stop.abort()
    } else if (presses === 2) {
      say('Aborting.')
      abort.abort()
    } else process.exit(130)
  }
  process.on('SIGINT', press)
  process.on('SIGTERM', press)
  const timer =
    maxSeconds === undefined
      ? undefined
      : setTimeout(() => {
          reason ??= 'budget'
          say(`The ${maxSeconds} s of --max-seconds are over: stopping after the work in flight.`)
          stop.abort()
        }, maxSeconds * 1000)
  return {
    stop: stop.signal,
    signal: abort.signal,
    reason: () => reason,
    release: () => {
      process.off('SIGINT', press)
      process.off('SIGTERM', press)
      clearTimeout(timer)
    },
  }
}
