import type { EndpointOptions } from './endpoint-options.ts'
import { callErrors } from './errors.ts'
import { Secret } from './secrets.ts'

/** Headers that HTTP, or this library, answers for. */
const OURS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Names of headers whose values are secrets wherever they are used. */
const SECRET = /^(?:authorization|proxy-authorization|cookie)$|(?:^|-)(?:api-?key|key|token|secret|password)$/

/** The further headers of a role: what is sent, and what of it nobody may see. */
export interface ExtraHeaders {
  /** By name in lower case. */
  readonly plain: Readonly<Record<string, string>>
  readonly secret: Readonly<Record<string, Secret>>
}

/** @throws DdaError `DDA_ENDPOINT_HEADER` for one that may not be set, or whose value must not stand in a config; `DDA_ENDPOINT_KEY_MISSING` */
export function extraHeaders(
  { headers = {}, apiKeyEnv, apiKeyHeader }: Pick<EndpointOptions, 'headers' | 'apiKeyEnv' | 'apiKeyHeader'>,
  env?: NodeJS.ProcessEnv,
): ExtraHeaders {
  checkHeaders({ headers, apiKeyHeader, ...(apiKeyEnv === undefined ? {} : { apiKeyEnv }) })
  const plain: Record<string, string> = {}
  const secret: Record<string, Secret> = {}
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (typeof value === 'string') plain[name] = value
    else {
      const found = Secret.fromEnv(value.env, env, VALUE)
      if (found !== undefined) secret[name] = found
    }
  }
  return { plain, secret }
}

/** Words with blanks between them: `Basic dXNlcjpwYXNz`. */
const VALUE = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** For a plugin's `setup`, where no environment is read. @throws DdaError `DDA_ENDPOINT_HEADER` */
export function checkHeaders({
  headers = {},
  apiKeyEnv,
  apiKeyHeader,
}: Pick<EndpointOptions, 'headers' | 'apiKeyEnv' | 'apiKeyHeader'>): void {
  const seen = new Set(apiKeyEnv === undefined ? [] : [apiKeyHeader.toLowerCase()])
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    const problem = seen.has(name)
      ? 'is there twice, or is the header of the key'
      : OURS.has(name)
        ? 'is not free to set'
        : typeof value === 'string' && SECRET.test(name)
          ? 'is a secret, which never stands in a config'
          : typeof value === 'string' && !VALUE.test(value)
            ? 'holds what cannot be sent in a header'
            : undefined
    if (problem !== undefined)
      throw callErrors.make('DDA_ENDPOINT_HEADER', { name: given, problem }, { kind: 'unavailable' })
    seen.add(name)
  }
}
