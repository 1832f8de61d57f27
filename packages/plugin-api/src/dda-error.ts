import type { FailureKind } from './rollout.ts'

const BRAND = Symbol.for('dda-thinker:error')

/** What `dda` exits with when an error ends a command; docs/reference/exit-codes.md says what each means. */
export type ErrorExit = 'usage' | 'failure' | 'budget' | 'partial' | 'interrupted'

/** What an error carries beside code and message. */
export interface DdaErrorDetails {
  /** What the reader should do next: one sentence. */
  readonly next?: string
  /** What was thrown below it. */
  readonly cause?: unknown
  /** Set where the failure belongs to one rollout and masks it. */
  readonly kind?: FailureKind
  /** No other rollout can escape it (a refused key, an alarm): the run ends, resumably, instead of masking each. Default false. */
  readonly stopsRun?: boolean
  /** The plugin at fault, by its `id` or else its name. */
  readonly plugin?: string
  /** The hook whose tap failed. */
  readonly hook?: string
  /** The stage of the lifecycle in which it happened. */
  readonly stage?: string
  /** The id of the {@link Sample} that was worked on. */
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
  /** What scripts look at: `DDA_` and upper case words. */
  readonly code: string
  /** What the reader should do next. */
  readonly next: string | undefined
  /** Set where it masks one rollout. */
  readonly kind: FailureKind | undefined
  /** Does it end the run, resumably, whatever rollout it met? */
  readonly stopsRun: boolean
  /** The plugin at fault. */
  readonly plugin: string | undefined
  /** The hook whose tap failed. */
  readonly hook: string | undefined
  /** The stage of the lifecycle in which it happened. */
  readonly stage: string | undefined
  /** The id of the {@link Sample} that was worked on. */
  readonly sampleId: string | undefined
  /** `file:line:column`, or the file or setting at fault. */
  readonly location: string | undefined
  /** What a command that it ends exits with. */
  readonly exit: ErrorExit
  /** Address of the page that explains the code. */
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

/** Is it a {@link DdaError}, also one of another copy of this package? */
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
