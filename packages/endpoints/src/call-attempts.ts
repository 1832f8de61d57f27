import { isStray, type EndpointError } from './endpoint-error.ts'
import type { PooledEndpoint } from './endpoint.ts'

/** An attempt that failed. */
export interface Failed {
  readonly error: unknown
  readonly endpoint: PooledEndpoint
  /** It was to show whether a failing endpoint works again. */
  readonly trial: boolean
  /** The server was away. */
  readonly absent: boolean
}

/** What is remembered of a call from attempt to attempt. */
export class CallAttempts {
  readonly id: number
  /** See `PoolCall.alone`. */
  readonly alone: boolean | undefined
  /** Those that count against the policy's attempts. */
  counted = 0
  /** Rate limits that it met, and the time of the first: they count apart, since waiting is what they ask for. */
  limits = 0
  limitedSince: number | undefined
  /** Goes before those that have not been served yet. */
  first = false
  /** Failures that were answers, or a silence, of a server that was there. */
  #answered = 0
  #last: Failed | undefined
  /** The last failure that was not a refusal of key, account or route. */
  #passing: unknown
  /** Those that refused key, account or route. */
  readonly #refusing = new Set<PooledEndpoint>()

  constructor(id: number, alone?: boolean) {
    this.id = id
    this.alone = alone
  }

  add(failed: Failed): void {
    this.#last = failed
    this.first = failed.absent
    const isAnswer = this.alone === true ? !isUnreachable(failed.error) : !failed.absent
    if (isAnswer && !isRateLimit(failed.error)) this.#answered += 1
    if (isStray(failed.error)) this.#refusing.add(failed.endpoint)
    else this.#passing = failed.error
  }

  /** Its own failure, where servers that were there have given it as many as it may have: any, or none, where it is known whether it is alone. */
  spent(attempts: number): unknown {
    const enough = this.alone === undefined ? attempts : this.alone ? 1 : Number.POSITIVE_INFINITY
    return this.#answered >= enough ? this.verdict : undefined
  }

  /** What the call ends in: refused by the service is only what it refused each time. */
  get verdict(): unknown {
    return this.#passing ?? this.#last?.error
  }

  /**
   * Those of the free endpoints that it may go to; none where it is to wait for a busy one. It does not go back to an
   * endpoint that is failing, or that refused it, while another one works, however busy that may be.
   */
  choices(free: readonly PooledEndpoint[], all: readonly PooledEndpoint[]): readonly PooledEndpoint[] {
    const avoid = this.#last?.endpoint
    const isOther = (one: PooledEndpoint): boolean => one !== avoid && !this.#refusing.has(one)
    const others = free.filter(isOther)
    const isSentAway = avoid?.isUp === false || this.#refusing.size > 0
    return others.length > 0 || (isSentAway && all.some((one) => one.isUp && isOther(one))) ? others : free
  }
}

/** Whether the server has too much to do at the moment, which says nothing about the request. */
export function isRateLimit(error: unknown): boolean {
  return (error as Partial<EndpointError>).kind === 'rate-limit'
}

/** Whether nothing was there to answer. */
export function isUnreachable(error: unknown): boolean {
  return (error as Partial<EndpointError>).unreachable === true
}
