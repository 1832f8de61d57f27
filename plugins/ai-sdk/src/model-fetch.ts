import { GuardedClient, Redactor, responseError, Secret, USER_AGENT } from '@dda-thinker/endpoints'
import type { ModelOptions } from './options.ts'

export interface ModelFetch {
  /** Given to a provider in the place of the process's `fetch`. */
  readonly fetch: typeof globalThis.fetch
  readonly close: () => Promise<void>
}

/** Headers that hold keys, whatever a provider calls them. */
const SECRET_HEADER = /auth|key|token|secret|cookie|signature/i

/**
 * How providers reach their services: with the proxies, limits and address guard of all our calls, and every status but 2xx
 * read by the one reader of statuses. Providers retry nothing of it: what it throws they pass on.
 */
export function modelFetch(options: ModelOptions, maxBodyBytes: number): ModelFetch {
  const client = new GuardedClient({ redactor: new Redactor(), maxBodyBytes })
  const trusted = originsOf(options)
  const timeoutMs = options.timeoutSeconds * 1000
  const call: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer())
    const headers = Object.fromEntries(request.headers)
    delete headers['content-length']
    // The SDK says what it is; it knows nothing of us.
    headers['user-agent'] = [headers['user-agent'], USER_AGENT].filter((part) => part !== undefined).join(' ')
    const { url, method, signal } = request
    const response = await client.exchange(
      {
        method: method === 'GET' ? 'GET' : 'POST',
        url,
        headers,
        signal,
        timeoutMs,
        ...(body === undefined ? {} : { body: { bytes: body, contentType: headers['content-type'] ?? '' } }),
      },
      trusted.has(new URL(url).origin),
    )
    const { status } = response
    if (status >= 200 && status <= 299) {
      return new Response(Uint8Array.from(response.body), { status, headers: response.headers })
    }
    // The whole body is what an answer may repeat: refusals are read from what the server says itself.
    const sent = body === undefined ? [] : [Buffer.from(body).toString('utf8')]
    throw responseError(withoutQuery(url), response, redactorOf(headers), sent)
  }
  return { fetch: call, close: () => client.close() }
}

function originsOf({ options, allowedOrigins }: ModelOptions): ReadonlySet<string> {
  const { baseURL } = options
  const named = [...(typeof baseURL === 'string' ? [baseURL] : []), ...allowedOrigins]
  return new Set(named.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin))
}

/** Takes the keys of this call, also those that a provider found by itself, out of what the server says. */
function redactorOf(headers: Readonly<Record<string, string>>): Redactor {
  const values = Object.entries(headers).filter(([name]) => SECRET_HEADER.test(name))
  return new Redactor(
    values.map(([, value]) => new Secret(value.replace(/^\w+ /, ''))).filter((one) => one.reveal().length >= 6),
  )
}

/** Some providers send the key in it. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '')
}
