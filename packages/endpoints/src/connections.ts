import { isIP } from 'node:net'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { isPrivateAddress, type publicLookup } from './address-guard.ts'
import { callErrors } from './errors.ts'

export interface ConnectionsOptions {
  /** Milliseconds to establish a connection. Default 10 000. */
  readonly connectTimeoutMs?: number
  /** Looks names up that are dialled directly. Default: the system's. */
  readonly lookup?: typeof publicLookup
  /** Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * The connections of one role: through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, lower case
 * first), and directly, whatever it names, to private addresses, names without a dot and names of private networks. Without
 * fetch's 300 s limits on headers and body, which a diffusion queue outlasts.
 */
export class Connections {
  readonly #direct: Agent
  /** By protocol. */
  readonly #proxied: ReadonlyMap<string, Dispatcher>

  /** @throws DdaError `DDA_ENDPOINT_PROXY` where the environment names a proxy that cannot be one */
  constructor({ connectTimeoutMs = 10_000, lookup, env = process.env }: ConnectionsOptions = {}) {
    const connect = { timeout: connectTimeoutMs, ...(lookup === undefined ? {} : { lookup }) }
    const limits = { headersTimeout: 0, bodyTimeout: 0, connect }
    const noProxy = noProxyIn(env)
    this.#direct = new Agent(limits)
    const proxies = ['http', 'https'].flatMap((protocol) => {
      const proxy = proxyIn(env, `${protocol}_proxy`)
      if (proxy === undefined) return []
      const proxyTls = { timeout: connectTimeoutMs }
      return [
        [
          `${protocol}:`,
          new EnvHttpProxyAgent({ ...limits, httpProxy: proxy, httpsProxy: proxy, noProxy, proxyTls }),
        ] as const,
      ]
    })
    this.#proxied = new Map(proxies)
  }

  /** What a URL is asked through. */
  to(url: string | URL): Dispatcher {
    const { hostname, protocol } = new URL(url)
    const proxied = this.#proxied.get(protocol.replace('ws', 'http'))
    return proxied === undefined || isOwnNetwork(hostname) ? this.#direct : proxied
  }

  /** May a proxy be asked for it? `NO_PROXY` may still say otherwise. */
  mayProxy(url: string | URL): boolean {
    return this.to(url) !== this.#direct
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxied.values()].map((agent) => agent.destroy()))
  }
}

/** Names of networks of one's own: no proxy to the open internet knows them. */
const OWN_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|svc)$/

function isOwnNetwork(hostname: string): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  if (isIP(host) !== 0) return isPrivateAddress(host)
  return !host.includes('.') || OWN_NAME.test(host)
}

/** The proxy of a variable, in lower case first as everywhere; undefined where there is none. */
function proxyIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const upper = name.toUpperCase()
  const value = (env[name] ?? env[upper] ?? '').trim()
  if (value === '') return undefined
  // As curl reads it.
  const url = value.includes('://') ? value : `http://${value}`
  if (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)) return url
  // The value itself is not repeated: it may hold a password.
  throw callErrors.make('DDA_ENDPOINT_PROXY', { name: env[name] === undefined ? upper : name }, { kind: 'unavailable' })
}

/** Entries as undici reads them: a name stands for its subdomains too, as it does everywhere else. */
function noProxyIn(env: NodeJS.ProcessEnv): string {
  const entries = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[,\s]+/).filter((entry) => entry !== '')
  if (entries.includes('*')) return '*'
  return entries
    .flatMap((entry) => (/^[.*]/.test(entry) ? [entry, entry.replace(/^\*?\./, '')] : [entry, `.${entry}`]))
    .join(',')
}
