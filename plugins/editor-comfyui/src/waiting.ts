import { callErrors } from './errors.ts'

/** A signal that follows the caller's and is aborted by a time-out error when the time is over. */
export class Deadline {
  readonly signal: AbortSignal
  readonly #end: () => void

  constructor(caller: AbortSignal, seconds: number, url: string) {
    const scope = new AbortController()
    const onAbort = (): void => scope.abort(caller.reason)
    caller.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => {
      const error = callErrors.make('DDA_ENDPOINT_TIMEOUT/job', { url, seconds }, { kind: 'timeout' })
      scope.abort(error)
    }, seconds * 1000)
    this.signal = scope.signal
    this.#end = () => {
      clearTimeout(timer)
      caller.removeEventListener('abort', onAbort)
    }
  }

  /** To be called in any case: takes timer and listener away. */
  end(): void {
    this.#end()
  }
}

/** Something that can be waited for, for a while: wake-ups that come before the wait count. */
export class Alarm {
  #set = false
  #ring: (() => void) | undefined

  ring(): void {
    this.#set = true
    this.#ring?.()
  }

  /** Ends with the next ring, or after `ms`. @throws the signal's reason where it is aborted */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.#set) {
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          this.#ring = undefined
        }
        const onAbort = (): void => {
          end()
          reject(signal.reason as Error)
        }
        this.#ring = () => {
          end()
          resolve()
        }
        const timer = setTimeout(this.#ring, ms)
        signal.addEventListener('abort', onAbort, { once: true })
      })
    }
    this.#set = false
  }
}
