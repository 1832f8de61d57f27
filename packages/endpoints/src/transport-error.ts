import { isDdaError } from '@dda-thinker/plugin-api'
import { callErrors } from './errors.ts'
import type { Redactor } from './secrets.ts'

/** What the parser says where the connection ended; its errors have no code. */
const CUT_SHORT = /Invalid EOF state/
/** The connection was never made: no listener, no route, no name, or nobody who answered the knock. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
const NAMES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])

/**
 * What went wrong below HTTP. What is no HTTP is `bad-output`, a connection that was not made or broke is `connection`, and so is one that
 * ended inside a body, in whatever way: a reset that arrives together with data looks like an orderly end.
 * @param inBody headers had arrived
 */
export function transportError(url: string, error: unknown, inBody: boolean, redactor: Redactor): unknown {
  if (isDdaError(error)) return error
  const code = codeOf(error)
  const where = redactor.redact(url)
  const reason = redactor.excerpt(code === '' ? messageOf(error) : `${code}: ${messageOf(error)}`, 160)
  if (nameOf(error) === 'HTTPParserError' && !(inBody && CUT_SHORT.test(messageOf(error)))) {
    return callErrors.make('DDA_ENDPOINT_TRUNCATED/garbled', { where, reason }, { kind: 'bad-output', transient: true })
  }
  if (inBody) return callErrors.make('DDA_ENDPOINT_TRUNCATED', { where, reason }, { kind: 'connection' })
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return callErrors.make('DDA_ENDPOINT_TLS', { where, reason }, { kind: 'unavailable' })
  }
  return callErrors.make(
    NAMES.has(code) ? 'DDA_ENDPOINT_CONNECTION/name' : 'DDA_ENDPOINT_CONNECTION/server',
    { where, reason },
    { kind: 'connection', unreachable: UNREACHABLE.has(code) },
  )
}

/** Codes sit on the error, on its cause, or on the errors of several addresses tried in turn. */
function codeOf(error: unknown): string {
  for (let one: unknown = error, depth = 0; typeof one === 'object' && one !== null && depth < 4; depth++) {
    const { code, cause, errors } = one as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
    const inner = code === 'UND_ERR_SOCKET' ? codeOf(cause) : ''
    if (inner !== '') return inner
    if (typeof code === 'string') return code
    one = cause ?? errors?.[0]
  }
  return ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}
