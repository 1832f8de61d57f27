import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Can a server on this address be reached from this machine alone? Of names only `localhost` is known to be so. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  const version = isIP(host)
  return version !== 0 && LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** The name in a Host header or authority, without port and brackets, in lower case; undefined where it is none. */
export function hostName(authority: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/i.exec(authority ?? '')
  return (found?.[1] ?? found?.[2])?.toLowerCase()
}

/** The address as a URL has it. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}
