import { isIP } from 'node:net'
import { isPrivateAddress, privateAddress, publicLookup } from './address-guard.ts'
import { Connections } from './connections.ts'
import { EndpointError } from './endpoint-error.ts'
import { HttpClient, type HttpRequest, type HttpResponse } from './http-client.ts'
import type { Redactor } from './secrets.ts'

export interface GuardedClientOptions {
  readonly redactor: Redactor
  /** Limit of a successful answer's body, bytes. */
  readonly maxBodyBytes: number
  /** Where it finds a proxy, if there is one. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * Exchanges with addresses that somebody else named: only of the open internet, unless the caller trusts them. Private, loopback,
 * link-local and metadata addresses are refused where the socket is dialled, so that names cannot change in between.
 */
export class GuardedClient {
  readonly #guarded: HttpClient
  readonly #trusting: HttpClient
  readonly #guardedConnections: Connections

  /** @throws DdaError `DDA_ENDPOINT_PROXY` */
  constructor({ redactor, maxBodyBytes, env }: GuardedClientOptions) {
    this.#guardedConnections = new Connections({ lookup: publicLookup, env })
    this.#guarded = new HttpClient({ redactor, maxBodyBytes, connections: this.#guardedConnections })
    this.#trusting = new HttpClient({ redactor, maxBodyBytes, env })
  }

  /** As {@link HttpClient.exchange}. @throws DdaError `DDA_ENDPOINT_PRIVATE_ADDRESS` where it is not trusted */
  async exchange(request: HttpRequest, trusted: boolean): Promise<HttpResponse> {
    if (trusted) return this.#trusting.exchange(request)
    const target = new URL(request.url)
    const host = target.hostname.replace(/^\[|\]$/g, '')
    // A literal address is never looked up, so it is checked here.
    if (isIP(host) !== 0 && isPrivateAddress(host)) throw privateAddress(target.hostname)
    // A proxy dials for us, so a name is looked at before; one that only the proxy knows is of the open internet.
    if (isIP(host) === 0 && this.#guardedConnections.mayProxy(target)) await refusePrivateName(host)
    return this.#guarded.exchange(request)
  }

  async close(): Promise<void> {
    await Promise.all([this.#guardedConnections.close(), this.#guarded.close(), this.#trusting.close()])
  }
}

/** @throws DdaError `DDA_ENDPOINT_PRIVATE_ADDRESS` */
function refusePrivateName(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    publicLookup(host, { all: true }, (error) => {
      if (error instanceof EndpointError) reject(error)
      else resolve()
    })
  })
}
