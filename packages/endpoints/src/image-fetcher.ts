import { IMAGE_LIMITS } from '@dda-thinker/pictures'
import { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'
import { GuardedClient } from './guarded-client.ts'
import { responseError } from './response-error.ts'
import type { Redactor } from './secrets.ts'

export interface ImageFetcherOptions {
  readonly redactor: Redactor
  /** Origins (`http://10.0.0.5:9000`) that may be private; everything else must be of the open internet. */
  readonly allowedOrigins?: readonly string[]
  /** Default 50 MiB. */
  readonly maxBytes?: number
  /** Milliseconds. Default 120 000. */
  readonly timeoutMs?: number
  /** Default 3; each is checked like the first URL. */
  readonly maxRedirects?: number
  /** Where it finds a proxy, if there is one. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

export interface FetchImageRequest {
  readonly signal: AbortSignal
  /** The endpoint that named the picture: a relative URL is taken from here, and its origin is trusted. */
  readonly base: string
  /** Sent to the endpoint's own origin only. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Downloads pictures that servers name by URL, without becoming their tool against the inner network: only http and
 * https, no credentials, no private, loopback, link-local or metadata address (checked where the socket is dialled, so
 * that names cannot change in between), every redirect checked anew, bytes and time limited.
 */
export class ImageFetcher {
  readonly #client: GuardedClient
  readonly #options: ImageFetcherOptions

  constructor(options: ImageFetcherOptions) {
    this.#options = options
    const { redactor, maxBytes: maxBodyBytes = IMAGE_LIMITS.bytes, env } = options
    this.#client = new GuardedClient({ redactor, maxBodyBytes, env })
  }

  /**
   * The bytes, unchecked but for their number.
   * @throws DdaError `DDA_ENDPOINT_PRIVATE_ADDRESS`, `DDA_IMAGE_URL`, or as any call over the wire
   */
  async fetch(url: string, request: FetchImageRequest): Promise<Uint8Array> {
    const { maxRedirects = 3, redactor } = this.#options
    let at = url
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const target = this.#check(at, request.base)
      const own = target.origin === new URL(request.base).origin
      const trusted = own || (this.#options.allowedOrigins ?? []).some((origin) => sameOrigin(origin, target))
      const sent = {
        method: 'GET' as const,
        url: target.href,
        signal: request.signal,
        timeoutMs: this.#options.timeoutMs ?? 120_000,
        ...(own && request.headers !== undefined ? { headers: request.headers } : {}),
      }
      const exchange = this.#client.exchange(sent, trusted)
      const response = await exchange.catch((error: unknown) => {
        // That a third party cannot be reached says nothing about the server that was asked for the edit.
        throw own || !(error instanceof EndpointError) || error.kind !== 'connection' ? error : cannotBeHad(error)
      })
      if (response.status >= 200 && response.status <= 299) return response.body
      const next = response.headers['location']
      if (response.status < 300 || response.status > 399 || next === undefined) {
        throw downloadError(responseError(target.href, response, redactor))
      }
      at = new URL(next, target).href
    }
    throw refused('it is redirected too often')
  }

  #check(url: string, base: string): URL {
    if (!URL.canParse(url, base)) throw refused('it is none')
    const target = new URL(url, base)
    if (target.protocol !== 'http:' && target.protocol !== 'https:') throw refused(`its scheme is ${target.protocol}`)
    if (target.username !== '' || target.password !== '') throw refused('it has credentials in it')
    return target
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}

function sameOrigin(origin: string, target: URL): boolean {
  return URL.canParse(origin) && new URL(origin).origin === target.origin
}

/** A picture that cannot be had is a bad answer of the server that named it; it says nothing about our own key. */
function downloadError(error: EndpointError): EndpointError {
  return error.kind === 'unavailable' || error.kind === 'bad-input' ? cannotBeHad(error) : error
}

function cannotBeHad(error: EndpointError): EndpointError {
  return callErrors.make('DDA_IMAGE_URL/failed', { why: error.message }, { kind: 'bad-output', transient: true })
}

function refused(why: string): EndpointError {
  return callErrors.make('DDA_IMAGE_URL/refused', { why }, { kind: 'bad-output', transient: false })
}
