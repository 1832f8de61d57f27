import type { FailureKind } from '@dda-thinker/plugin-api'
import type { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'
import type { HttpResponse } from './http-client.ts'
import { retryAfterMs } from './retry-after.ts'
import { says } from './says.ts'
import type { Redactor } from './secrets.ts'

/** What a status can mean. */
type StatusKey =
  | 'DDA_ENDPOINT_PAYMENT'
  | 'DDA_ENDPOINT_KEY'
  | 'DDA_ENDPOINT_FORBIDDEN'
  | 'DDA_ENDPOINT_REFUSED'
  | 'DDA_ENDPOINT_NOT_FOUND'
  | 'DDA_ENDPOINT_RATE_LIMIT'
  | 'DDA_ENDPOINT_TIMEOUT/status'
  | 'DDA_ENDPOINT_SERVER/status'
  | 'DDA_ENDPOINT_REDIRECT'
  | 'DDA_ENDPOINT_REJECTED'

interface Reading {
  readonly key: StatusKey
  readonly kind: FailureKind
  readonly transient: boolean
}

/**
 * The one place where a status other than 2xx becomes an error. Final for the whole run: 401 (`DDA_ENDPOINT_KEY`), 402 and
 * spent quotas, also where they come as 429 (`DDA_ENDPOINT_PAYMENT`). Whose fault another refusal is (403, 404, 400, 422)
 * one answer cannot tell: see {@link RefusalWatch}. Servers overrule what is transient with `x-should-retry` (OpenAI,
 * Stainless SDKs).
 *
 * @param sent texts of others in the request, for example a plan: words that the server only repeats decide nothing
 */
export function responseError(
  url: string,
  response: HttpResponse,
  redactor: Redactor,
  sent: readonly string[] = [],
): EndpointError {
  const { status, headers } = response
  const text = Buffer.from(response.body).toString('utf8')
  const reading = read(status, { says: (pattern) => says(text, pattern, sent) })
  const wait = retryAfterMs(headers, text)
  const said = headers['x-should-retry']
  const overruled = said === 'true' ? true : said === 'false' ? false : reading.transient
  const detail = redactor.excerpt(messageIn(text))
  const holes = { url: redactor.redact(url), status, detail: detail === '' ? '' : `: ${detail}` }
  return callErrors.make(reading.key, holes, {
    kind: reading.kind,
    // A bad key or an empty account stays one, whatever a gateway says about retries.
    transient: reading.kind === 'unavailable' ? false : overruled,
    status,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
}

const SPENT = /insufficient_quota|billing_hard_limit|out_of_credit|insufficient[ _]credit|credit balance is too low/i
/** What may reach far is counted: servers repeat plans, and plans are chosen by policies. */
const REFUSED =
  /moderation_blocked|content_policy_violation|content_filter|safety_violation|rejected [\w ]{0,60}safety system|nsfw_content/i

/** A server that is there and has too much to do: OpenAI, Gemini, S3, SGLang, NIM. Anthropic has the status 529 for it. */
const BUSY =
  /overload|too busy|slow[ _]?down|rate[ _-]?limit|too many (?:concurrent )?requests|throttl|(?:queue|server) (?:is )?full|(?:at|over|no) capacity/i

function read(status: number, { says }: { readonly says: (pattern: RegExp) => boolean }): Reading {
  if (status === 402 || (status !== 401 && status < 500 && says(SPENT))) return PAYMENT
  if ([400, 403, 422, 451].includes(status) && says(REFUSED)) return REFUSAL
  if (status === 401) return KEY
  if (status === 403) return FORBIDDEN
  if (status === 404 || status === 405 || status === 410) return NOT_FOUND
  if (status === 429 || status === 529 || (status === 503 && says(BUSY))) return RATE_LIMIT
  if (status === 408) return { ...SERVER, key: 'DDA_ENDPOINT_TIMEOUT/status', kind: 'timeout' }
  if (status === 409 || status === 425 || status >= 500) return { ...SERVER, transient: status !== 501 }
  if (status >= 300 && status < 400) return REDIRECT
  return REJECTED
}

const PAYMENT: Reading = {
  key: 'DDA_ENDPOINT_PAYMENT',
  kind: 'unavailable',
  transient: false,
}
const KEY: Reading = {
  key: 'DDA_ENDPOINT_KEY',
  kind: 'unavailable',
  transient: false,
}
const FORBIDDEN: Reading = {
  key: 'DDA_ENDPOINT_FORBIDDEN',
  kind: 'unavailable',
  transient: false,
}
const REFUSAL: Reading = {
  key: 'DDA_ENDPOINT_REFUSED',
  kind: 'refusal',
  transient: false,
}
const NOT_FOUND: Reading = {
  key: 'DDA_ENDPOINT_NOT_FOUND',
  kind: 'unavailable',
  transient: false,
}
const RATE_LIMIT: Reading = {
  key: 'DDA_ENDPOINT_RATE_LIMIT',
  kind: 'rate-limit',
  transient: true,
}
const SERVER: Reading = {
  key: 'DDA_ENDPOINT_SERVER/status',
  kind: 'server',
  transient: true,
}
const REDIRECT: Reading = {
  key: 'DDA_ENDPOINT_REDIRECT',
  kind: 'unavailable',
  transient: false,
}
const REJECTED: Reading = {
  key: 'DDA_ENDPOINT_REJECTED',
  kind: 'bad-input',
  transient: false,
}

/** The human part of an error body: OpenAI `{error: {message}}`, FastAPI `{detail}`, `{error}`, `{message}`, or the text. */
function messageIn(text: string): string {
  try {
    const body = JSON.parse(text) as { error?: unknown; detail?: unknown; message?: unknown } | null
    const inner = body?.error ?? body?.detail ?? body?.message
    if (typeof inner === 'string') return inner
    const { message, code } = (inner ?? {}) as { message?: unknown; code?: unknown }
    if (typeof message === 'string') return typeof code === 'string' ? `${message} (${code})` : message
    return inner === undefined ? text : JSON.stringify(inner)
  } catch {
    return text
  }
}
