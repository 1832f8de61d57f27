import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'

const V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Private and special ranges, and the tunnels (NAT64, 6to4, Teredo) that carry IPv4 addresses inside IPv6 ones. */
const V6 = [
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

const blocked = new BlockList()
for (const range of V4) blocked.addSubnet(...split(range), 'ipv4')
for (const range of V6) blocked.addSubnet(...split(range), 'ipv6')

function split(range: string): [net: string, prefix: number] {
  const [net = '', prefix = ''] = range.split('/')
  return [net, Number(prefix)]
}

/** Is this IP address loopback, private, link-local, a cloud metadata address, or otherwise not of the open internet? */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(bare)
  if (family === 0) return true
  // An IPv4 address in IPv6 clothes is judged as what it is; BlockList does that for ::ffff:0:0/96.
  return blocked.check(bare, family === 6 ? 'ipv6' : 'ipv4')
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/**
 * A `lookup` for sockets that refuses names with any private address. Checking here, where the address that is dialled
 * comes from, leaves no gap between check and use (DNS rebinding).
 */
export function publicLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    if (addresses.some(({ address }) => isPrivateAddress(address))) return callback(privateAddress(hostname), [])
    if (options.all === true) return callback(null, addresses)
    const first = addresses[0]
    return callback(null, first?.address ?? '', first?.family)
  })
}

/** The refusal of a URL that leads to a private address. */
export function privateAddress(host: string): EndpointError {
  return callErrors.make('DDA_ENDPOINT_PRIVATE_ADDRESS', { host }, { kind: 'bad-output', transient: false })
}
