import { again, EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'
import { sleep } from './sleep.ts'

/** Refusals of which one alone does not say whether it is the configuration's fault or the request's. */
const UNDECIDED: ReadonlySet<string> = new Set([
  'DDA_ENDPOINT_REJECTED',
  'DDA_ENDPOINT_FORBIDDEN',
  'DDA_ENDPOINT_NOT_FOUND',
  'DDA_EDITOR_GRAPH',
  // Where it is final: 501, or a server that says of its error that no repeat will help.
  'DDA_ENDPOINT_SERVER',
])

/** Different inputs refused in the same way, with no success before, after which the configuration is at fault. */
const FIRST = 3
/** The same after successes: a key or a model was taken away meanwhile. */
const LATER = 10
/** Refusals of key and account. After successes few inputs will do, and a call waits for what the next ones meet. */
const OF_ACCOUNT: ReadonlySet<string> = new Set(['DDA_ENDPOINT_KEY', 'DDA_ENDPOINT_PAYMENT'])

export interface RefusalWatchOptions {
  /** Calls that may be under way at once: no more than these can tell whose fault it is. Default 3. */
  readonly places?: number
  /** How long a call waits for others to show whose fault its refusal is, milliseconds. Default 120 000. */
  readonly patienceMs?: number
  /** Whether something else than what is refused passes, where nothing has yet. Default: that is not known. */
  readonly works?: (signal: AbortSignal) => Promise<boolean>
}

/**
 * Decides whose fault a refusal is. A server that has answered something refuses the input: that masks one rollout. A
 * server that refuses the first few different inputs, and all in the same way, refuses the configuration: that
 * stops the run, resumably, with the server's words.
 */
export class RefusalWatch {
  #succeeded = false
  /** Of the same kind, since the last success. */
  readonly #refused = new Map<string, Set<string>>()
  /** Inputs that key or account was refused for, with the first and the last time; no call that began later has succeeded. */
  readonly #ofAccount = new Map<string, { readonly first: number; readonly last: number }>()
  readonly #held = new Set<() => void>()
  /** Inputs that have to meet a refusal of the account. */
  readonly #few: number
  readonly #patienceMs: number
  readonly #works: NonNullable<RefusalWatchOptions['works']>
  #stop: EndpointError | undefined

  constructor({ places = FIRST, patienceMs = 120_000, works = async () => false }: RefusalWatchOptions = {}) {
    this.#few = Math.max(2, Math.min(FIRST, places))
    this.#patienceMs = places > 1 ? patienceMs : 0
    this.#works = works
  }

  /** @param began when the call that succeeded began, milliseconds of `performance.now()` */
  onSuccess(began: number = performance.now()): void {
    this.#succeeded = true
    if (this.#refused.size > 0) this.#refused.clear()
    for (const [input, { last }] of this.#ofAccount) if (last < began) this.#ofAccount.delete(input)
    if (this.#ofAccount.size === 0) this.#stop = undefined
    this.#decided()
  }

  /**
   * As {@link judge}, but a call whose key or account is refused after successes is told only when others show whose fault that is: an account
   * that is empty is so for all. Those who are under way then lose nothing by it. Before any success something made up has to be paid for first.
   */
  async settle(error: unknown, input: string, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof EndpointError) || !OF_ACCOUNT.has(error.code)) return this.judge(error, input)
    // A key is for everything; what an account can pay may depend on what is asked.
    const mayBeAlone = this.#succeeded || (error.code === 'DDA_ENDPOINT_PAYMENT' && (await this.#works(signal)))
    if (!mayBeAlone) return error
    const now = performance.now()
    const first = this.#ofAccount.get(input)?.first ?? now
    this.#ofAccount.set(input, { first, last: now })
    if (this.#ofAccount.size >= this.#few) {
      this.#stop ??= error
      this.#decided()
    }
    // All plans of a sample wait once: nobody else may have a turn before they have ended.
    const until = first + this.#patienceMs
    while (this.#stop === undefined && this.#ofAccount.has(input) && performance.now() < until) {
      await this.#decision(until - performance.now(), signal)
    }
    return this.#stop ?? again(error, { transient: false, stopsRun: false })
  }

  #decided(): void {
    for (const wake of this.#held) wake()
  }

  async #decision(ms: number, signal: AbortSignal): Promise<void> {
    const either = new AbortController()
    const wake = (): void => either.abort()
    this.#held.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    try {
      await sleep(ms, either.signal).catch(() => undefined)
    } finally {
      this.#held.delete(wake)
      signal.removeEventListener('abort', wake)
    }
    signal.throwIfAborted()
  }

  /**
   * The error to throw instead.
   * @param input names the sample, the same for all its plans, however often and in whatever pieces they are asked about
   */
  judge(error: unknown, input: string): unknown {
    if (!(error instanceof EndpointError) || error.transient || !UNDECIDED.has(error.code)) return error
    if (this.#stop !== undefined) return this.#stop
    const { kind, status } = error
    const key = `${error.code} ${status ?? ''}`
    const inputs = this.#refused.get(key) ?? new Set()
    this.#refused.set(key, inputs.add(input))
    // A plan that is refused after others were taken is bad input, however many follow it: policies write such plans.
    const limit = !this.#succeeded ? FIRST : kind === 'bad-input' ? Number.POSITIVE_INFINITY : LATER
    if (inputs.size >= limit) {
      this.#stop = refusesAll(error, inputs.size, this.#succeeded)
      return this.#stop
    }
    return this.#succeeded && error.stopsRun ? again(error, { transient: false, stopsRun: false }) : error
  }
}

function refusesAll(error: EndpointError, count: number, before: boolean): EndpointError {
  const which = before ? `The last ${count}` : `All of the first ${count}`
  const { status } = error
  return callErrors.make(
    'DDA_ENDPOINT_REFUSES',
    { which, why: error.message, advice: error.next ?? '' },
    { kind: 'unavailable', transient: false, ...(status === undefined ? {} : { status }) },
  )
}
