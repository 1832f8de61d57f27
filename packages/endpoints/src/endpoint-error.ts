import { DdaError, isDdaError, type DdaErrorDetails, type FailureKind } from '@dda-thinker/plugin-api'

export interface EndpointErrorDetails extends DdaErrorDetails {
  readonly kind: FailureKind
  readonly next: string
  /** May another attempt end differently? Default: by the kind, see {@link isTransient}. */
  readonly transient?: boolean
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number
  /** HTTP status, where there was one. */
  readonly status?: number
  /** No connection could be made at all: nothing is there to answer. */
  readonly unreachable?: boolean
}

/**
 * A failed call over the wire. Its message never holds a key: whoever makes one passes text through the redactor first,
 * and no cause is attached, because foreign errors may carry request headers.
 */
export class EndpointError extends DdaError {
  readonly transient: boolean
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined
  readonly unreachable: boolean

  constructor(code: `DDA_${string}`, message: string, details: EndpointErrorDetails) {
    super(code, message, { stopsRun: STOP_CODES.has(code), ...details })
    this.transient = details.transient ?? TRANSIENT.has(details.kind)
    this.retryAfterMs = details.retryAfterMs
    this.status = details.status
    this.unreachable = details.unreachable ?? false
  }
}

const TRANSIENT: ReadonlySet<FailureKind> = new Set(['timeout', 'rate-limit', 'server', 'connection'])

/** Whether another attempt may help. Errors of other packages are judged by their failure kind; unknown ones are final. */
export function isTransient(error: unknown): boolean {
  if (!isDdaError(error)) return false
  const said = (error as Partial<EndpointError>).transient
  return said ?? (error.kind !== undefined && TRANSIENT.has(error.kind))
}

/** What gateways say for a server that is not there: nginx, Envoy and load balancers, then Cloudflare's own. */
const GATEWAY_ABSENT: ReadonlySet<number> = new Set([502, 503, 521, 522, 523, 530])

/** Whether the server was away: such a failure says nothing about the request, whoever makes it. */
export function isAbsence(error: unknown): boolean {
  if (!isDdaError(error)) return false
  const { status } = error as Partial<EndpointError>
  return error.kind === 'connection' || (error.kind === 'server' && status !== undefined && GATEWAY_ABSENT.has(status))
}

/** Codes after which no further call can succeed until a person acts: the run must stop, resumably. */
export const STOP_CODES: ReadonlySet<string> = new Set([
  'DDA_ENDPOINT_PAYMENT',
  'DDA_ENDPOINT_KEY',
  'DDA_ENDPOINT_KEY_MISSING',
  'DDA_ENDPOINT_DOWN',
  'DDA_ENDPOINT_PAUSED',
  'DDA_ENDPOINT_REFUSES',
  'DDA_ENDPOINT_NOT_FOUND',
  'DDA_ENDPOINT_REDIRECT',
  'DDA_ENDPOINT_TLS',
])

/** Must the run stop (resumably) because of this error, instead of masking one rollout? */
export function mustStop(error: unknown): boolean {
  return isDdaError(error) && STOP_CODES.has(error.code)
}
