import { again, EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'

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

/**
 * Decides whose fault a refusal is. A server that has answered something refuses the input: that masks one rollout. A
 * server that refuses the first few different inputs, and all in the same way, refuses the configuration: that
 * stops the run, resumably, with the server's words.
 */
export class RefusalWatch {
  #succeeded = false
  /** Of the same kind, since the last success. */
  readonly #refused = new Map<string, Set<string>>()
  #stop: EndpointError | undefined

  onSuccess(): void {
    this.#succeeded = true
    if (this.#refused.size > 0) this.#refused.clear()
    this.#stop = undefined
  }

  /**
   * The error to throw instead.
   * @param input the same for the same input of the role, however often and in whatever pieces it is asked about
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
