import {
  DdaError,
  type DdaErrorDetails,
  detailsOf,
  type ErrorHoles,
  type ErrorKey,
  type ErrorRow,
  type ErrorTable,
  type FailureKind,
  isDdaError,
  TRANSIENT_KINDS,
} from '@dda-thinker/plugin-api'

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

/** What a failed call carries beside its row of a table. */
export type EndpointRowDetails = Omit<EndpointErrorDetails, 'next' | 'exit' | 'page'>

type RowsWithNext = Readonly<Record<ErrorKey, ErrorRow & { readonly next: string }>>

/** Makes {@link EndpointError}s of the rows of a table; a failed call always says what to do next. */
export function endpointErrors<Rows extends RowsWithNext>(table: ErrorTable<Rows>) {
  return {
    make<Key extends keyof Rows & ErrorKey>(
      key: Key,
      holes: ErrorHoles<Rows[Key]>,
      details: EndpointRowDetails,
    ): EndpointError {
      const { code, message, next = '', ...said } = table.texts(key, holes)
      return new EndpointError(code, message, { ...details, ...said, next })
    },
  }
}

/** The same error, changed in what it does to the call and the run, not in what it says. */
export function again(
  error: EndpointError,
  changes: Pick<EndpointErrorDetails, 'transient' | 'stopsRun'>,
): EndpointError {
  const { kind = 'unavailable', next = '', status } = error
  return new EndpointError(error.code as ErrorKey, error.message, {
    ...detailsOf(error),
    kind,
    next,
    ...(status === undefined ? {} : { status }),
    ...changes,
  })
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
    this.transient = details.transient ?? TRANSIENT_KINDS.has(details.kind)
    this.retryAfterMs = details.retryAfterMs
    this.status = details.status
    this.unreachable = details.unreachable ?? false
  }
}

/** Whether another attempt may help. Errors of other packages are judged by their failure kind; unknown ones are final. */
export function isTransient(error: unknown): boolean {
  if (!isDdaError(error)) return false
  const said = (error as Partial<EndpointError>).transient
  return said ?? (error.kind !== undefined && TRANSIENT_KINDS.has(error.kind))
}

/** Answers that one replica or one node of a proxy may give by mistake while others, with the same key, do not. */
const STRAY: ReadonlySet<string> = new Set([
  'DDA_ENDPOINT_PAYMENT',
  'DDA_ENDPOINT_KEY',
  'DDA_ENDPOINT_FORBIDDEN',
  'DDA_ENDPOINT_NOT_FOUND',
  'DDA_ENDPOINT_REDIRECT',
  'DDA_ENDPOINT_TLS',
])

/** Whether this refuses key, account, route or certificate, of which one answer says little where others were good. */
export function isStray(error: unknown): boolean {
  return isDdaError(error) && STRAY.has(error.code)
}

/**
 * Whether the same call may end differently the next time.
 * @param worked calls to the service have succeeded before
 */
export function mayPass(error: unknown, worked: boolean): boolean {
  return isTransient(error) || (worked && isStray(error))
}

/** What gateways say for a server that is not there: nginx, Envoy and load balancers, then Cloudflare's own. */
const GATEWAY_ABSENT: ReadonlySet<number> = new Set([502, 503, 521, 522, 523, 530])

/** Whether the server was away: such a failure says nothing about the request, whoever makes it. One that had begun to answer was there. */
export function isAbsence(error: unknown): boolean {
  if (!isDdaError(error) || error.code === 'DDA_ENDPOINT_TRUNCATED') return false
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
