import { createHash } from 'node:crypto'
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FailureKind } from '@dda-thinker/plugin-api'

/** What the proxy does to an exchange, and the kind of failure that must come of it. */
export const FAULTS = {
  'status 429': 'rate-limit',
  'status 500': 'server',
  hang: 'timeout',
  truncated: 'bad-output',
  'content type': 'bad-output',
  corrupt: 'bad-output',
  reset: 'connection',
} as const satisfies Readonly<Record<string, FailureKind>>

export type Fault = keyof typeof FAULTS

const NAMES = Object.keys(FAULTS) as readonly Fault[]

/** One exchange about a sample, in the order in which it was asked for. */
export interface Exchange {
  /** What the request is about: the first match of the proxy's pattern in its body. */
  readonly about: string
  /** Of the same request: from 1. */
  readonly attempt: number
  readonly fault: Fault | undefined
}

export interface FaultProxyOptions {
  /** Base URL of the real server, ending in /v1. */
  readonly target: string
  /** Tells apart the proxies of a test. */
  readonly name: string
  /** Finds in a request's body what it is about. */
  readonly pattern: RegExp
  /** Chance of each fault. */
  readonly share: number
}

export interface FaultProxy {
  readonly url: string
  readonly exchanges: readonly Exchange[]
  /** From now on there are no faults. */
  heal(): void
  close(): Promise<void>
}

/**
 * A proxy over real sockets. Whether an exchange is faulty follows from what it is about and how often that was asked for,
 * not from the order of requests: the same faults in every run of a test. Requests about nothing pass.
 */
export async function startFaultProxy({ target, name, pattern, share }: FaultProxyOptions): Promise<FaultProxy> {
  const exchanges: Exchange[] = []
  const attempts = new Map<string, number>()
  let healed = false

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const about = pattern.exec(body.toString('latin1'))?.[0]
    let fault: Fault | undefined
    if (about !== undefined) {
      const attempt = (attempts.get(about) ?? 0) + 1
      attempts.set(about, attempt)
      const draw = createHash('sha256').update(`${name} ${about} ${attempt}`).digest().readUInt32BE(0) / 2 ** 32
      if (!healed) fault = NAMES[Math.floor(draw / share)]
      exchanges.push({ about, attempt, fault })
    }
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    if (fault === 'hang') return
    if (fault === 'status 429')
      return void response.writeHead(429, { 'retry-after-ms': '1' }).end('{"error":"slow down"}')
    if (fault === 'status 500') return void response.writeHead(500).end('{"detail":"out of memory"}')
    const answer = await forward(target, request, body)
    if (fault === 'content type') return void response.writeHead(200, { 'content-type': 'text/html' }).end(answer.body)
    if (fault === 'truncated') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(answer.body.length) })
      response.write(answer.body.subarray(0, answer.body.length >> 1))
      return void setTimeout(() => response.socket?.end(), 5)
    }
    const out = fault === 'corrupt' ? corrupted(answer.body) : answer.body
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(out)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy())
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    exchanges,
    heal: () => void (healed = true),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

function forward(
  target: string,
  { url = '', method = 'GET', headers }: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _host, connection: _connection, ...rest } = headers
    const outgoing = send(new URL(url, target), { method, headers: rest }, (incoming) => {
      const chunks: Uint8Array[] = []
      incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk))
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 500, body: Buffer.concat(chunks) }))
      incoming.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** A picture with one bit turned in its pixels; any other answer is no JSON any more. */
function corrupted(body: Buffer): Buffer {
  const text = body.toString('utf8')
  const base64 = /"b64_json":"([^"]+)"/.exec(text)?.[1]
  if (base64 === undefined) return Buffer.from(text.replace('{', '{{'))
  const picture = Buffer.from(base64, 'base64')
  picture[45] = (picture[45] ?? 0) ^ 1
  return Buffer.from(text.replace(base64, picture.toString('base64')))
}
