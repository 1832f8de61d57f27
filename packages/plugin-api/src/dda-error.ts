import type { FailureKind } from './rollout.ts'

const BRAND = Symbol.for('dda-thinker:error')

/** What `dda` exits with when an error ends a command; docs/reference/exit-codes.md says what each means. */
export type ErrorExit = 'usage' | 'failure' | 'budget' | 'partial' | 'interrupted'

export interface DdaErrorDetails {
  /** What the reader should do next: one sentence. */
  readonly next?: string
  readonly cause?: unknown
  /** Set where the failure belongs to one rollout and masks it. */
  readonly kind?: FailureKind
  /** No other rollout can escape it (a refused key, an alarm): the run ends, resumably, instead of masking each. Default false. */
  readonly stopsRun?: boolean
  readonly plugin?: string
  readonly hook?: string
  readonly stage?: string
  readonly sampleId?: string
  /** `file:line:column` of the place in a file that is at fault. */
  readonly location?: string
  /** Default `failure`. */
  readonly exit?: ErrorExit
  /** Address of the page that explains the code. */
  readonly page?: string
}

/**
 * The only error the framework throws on purpose. Recognise it with {@link isDdaError} (a registered symbol), never with
 * `instanceof`: two copies of this package may be loaded.
 */
export class DdaError extends Error {
  readonly code: string
  readonly next: string | undefined
  readonly kind: FailureKind | undefined
  readonly stopsRun: boolean
  readonly plugin: string | undefined
  readonly hook: string | undefined
  readonly stage: string | undefined
  readonly sampleId: string | undefined
  readonly location: string | undefined
  readonly exit: ErrorExit
  readonly page: string | undefined

  constructor(code: `DDA_${string}`, message: string, details: DdaErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DdaError'
    this.code = code
    this.next = details.next
    this.kind = details.kind
    this.stopsRun = details.stopsRun ?? false
    this.plugin = details.plugin
    this.hook = details.hook
    this.stage = details.stage
    this.sampleId = details.sampleId
    this.location = details.location
    this.exit = details.exit ?? 'failure'
    this.page = details.page
    Object.defineProperty(this, BRAND, { value: true })
  }
}

export function isDdaError(value: unknown): value is DdaError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
}

/** All that an error carries beside code, message and cause, as plain data: to make it again, or to send it to another thread. */
export function detailsOf(error: DdaError): Omit<DdaErrorDetails, 'cause'> {
  const { next, kind, stopsRun, plugin, hook, stage, sampleId, location, exit, page } = error
  const all = { next, kind, stopsRun, plugin, hook, stage, sampleId, location, exit, page } satisfies {
    readonly [Key in Exclude<keyof DdaErrorDetails, 'cause'>]-?: unknown
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
