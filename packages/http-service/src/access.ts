import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { DdaError } from '@dda-thinker/plugin-api'
import { hostName, isLoopback } from './addresses.ts'
import { errors } from './errors.ts'

export interface AccessOptions {
  /** What the server listens on. */
  readonly host: string
  readonly token?: string | undefined
  /** Further names that it may be called by, in lower case. */
  readonly hosts?: readonly string[]
}

/** What is looked at of a request. */
export interface Caller {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const SHORTEST_TOKEN = 16
const COOKIE = 'dda_token'

/**
 * Who may call a server. A page of any site can send requests to loopback, and can have its own name resolve to it (DNS rebinding): so
 * the name in the Host header must be one of ours, and a browser that says a request is another origin's is refused. Addresses
 * are never foreign: nobody can make them resolve to something else.
 */
export class Access {
  readonly #names: ReadonlySet<string>
  readonly #digest: Buffer | undefined

  /** @throws DdaError `DDA_HTTP_NO_TOKEN` off loopback without one, `DDA_HTTP_TOKEN_WEAK` */
  constructor({ host, token, hosts = [] }: AccessOptions) {
    if (token === undefined && !isLoopback(host)) throw errors.make('DDA_HTTP_NO_TOKEN', { host })
    if (token !== undefined) checkToken(token)
    this.#names = new Set(['localhost', host.toLowerCase(), ...hosts.map((name) => name.toLowerCase())])
    this.#digest = token === undefined ? undefined : digest(token)
  }

  /** Why a request is refused, whatever it asks for; undefined where it is not. */
  foreign(caller: Caller): DdaError | undefined {
    const authority = one(caller.headers['host'])
    const name = hostName(authority)
    if (name === undefined || !(isIP(name) !== 0 || this.#names.has(name))) return errors.make('DDA_HTTP_FOREIGN_HOST')
    return this.#isOwnOrigin(caller, authority) ? undefined : errors.make('DDA_HTTP_FOREIGN_ORIGIN')
  }

  /** Does the request carry the token? Always where the server has none. */
  knows({ headers }: Caller): boolean {
    if (this.#digest === undefined) return true
    const bearer = /^Bearer +(\S+) *$/i.exec(one(headers['authorization']) ?? '')?.[1]
    return this.#fits(bearer) || this.#fits(cookieOf(one(headers['cookie'])))
  }

  /** For a page that is opened with `?token=`: the cookie that its next requests carry. Undefined for any other token. */
  cookie(token: string | undefined): string | undefined {
    if (this.#digest === undefined || !this.#fits(token)) return undefined
    return `${COOKIE}=${encodeURIComponent(token ?? '')}; HttpOnly; SameSite=Strict; Path=/`
  }

  #fits(token: string | undefined): boolean {
    return token !== undefined && this.#digest !== undefined && timingSafeEqual(digest(token), this.#digest)
  }

  /** Programs send no Origin. A link to one of our pages is followed, whoever's page it is on. */
  #isOwnOrigin({ method, headers }: Caller, authority: string | undefined): boolean {
    const origin = one(headers['origin'])
    if (origin !== undefined) return origin === `http://${authority}` || origin === `https://${authority}`
    const site = one(headers['sec-fetch-site'])
    if (site === undefined || site === 'same-origin' || site === 'none') return true
    const reads = method === 'GET' || method === 'HEAD'
    return reads && one(headers['sec-fetch-mode']) === 'navigate' && one(headers['sec-fetch-dest']) === 'document'
  }
}

function checkToken(token: string): void {
  if (!/^[\w\-.~+/=]*$/.test(token)) throw errors.make('DDA_HTTP_TOKEN_WEAK/characters')
  if (token.length < SHORTEST_TOKEN)
    throw errors.make('DDA_HTTP_TOKEN_WEAK/short', { count: token.length, least: SHORTEST_TOKEN })
}

/** Of equal length, so that they can be compared in a time that tells nothing. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function cookieOf(header: string | undefined): string | undefined {
  const value = new RegExp(`(?:^|; *)${COOKIE}=([^;]*)`).exec(header ?? '')?.[1]
  try {
    return value === undefined ? undefined : decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** A header that was sent twice is none. */
function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}
