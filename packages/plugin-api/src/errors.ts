import type { FailureKind } from './rollout.ts'

const BRAND = Symbol.for('dda-thinker:error')

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
    Object.defineProperty(this, BRAND, { value: true })
  }
}

export function isDdaError(value: unknown): value is DdaError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
}
