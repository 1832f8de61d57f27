import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FailureKind } from '@dda-thinker/plugin-api'

/** What the proxy does to an exchange, and the kind of failure that must come of it. */
export const FAULTS = {
  'status 429': 'rate-limit',
  'status 500': 'server',
  hang: 'timeout',
  truncated: 'connection',
  'content type': 'bad-output',
  corrupt: 'bad-output',
  reset: 'connection',
} as const satisfies Readonly<Record<string, FailureKind>>

export type Fault = keyof typeof FAULTS

const NAMES = Object.keys(FAULTS) as readonly Fault[]

/** One exchange that may be faulty, in the order in which it was asked for. */
export interface Exchange {
  /** What the request is about: the first match of the proxy's pattern in its body, or the body's hash. */
  readonly about: string
  /** Of the same request: from 1. */
  readonly attempt: number
  /** Also `hang`: the caller did not wait for the answer; `reset`: the server behind it gave none. */
  readonly fault: Fault | undefined
}

export interface FaultProxyOptions {
  /** Base URL of the real server; the proxy's has the same path. */
  readonly target: string
  /** Seeds the faults: proxies of different names make different ones. Default: none. */
  readonly name?: string
  /** Finds in a request's body what it is about; requests without a match pass. Default: whatever has a body may be faulty. */
  readonly pattern?: RegExp
  /** Chance of each fault, from 0 to 1 / 7. */
  readonly share: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
}

export interface FaultProxy {
  /** Base URL, to name instead of the server's. */
  readonly url: string
  /** What may have been faulty so far. */
  readonly exchanges: readonly Exchange[]
  /** From now on there are no faults. */
  heal(): void
  /** Ends it, and what is connected to it. */
  close(): Promise<void>
}

/**
 * A proxy over real sockets. Whether an exchange is faulty follows from what it is about and how often that was asked for,
 * not from the order of requests: the same faults in every run of a test. Requests about nothing pass.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target, name = '', pattern, share, host = '127.0.0.1', port = 0 } = options
  const exchanges: Exchange[] = []
  const attempts = new Map<string, number>()
  let healed = false

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const about = pattern === undefined ? hashOf(body) : pattern.exec(body.toString('latin1'))?.[0]
    let fault: Fault | undefined
    let exchange: { about: string; attempt: number; fault: Fault | undefined } | undefined
    if (about !== undefined) {
      const attempt = (attempts.get(about) ?? 0) + 1
      attempts.set(about, attempt)
      const draw = createHash('sha256').update(`${name} ${about} ${attempt}`).digest().readUInt32BE(0) / 2 ** 32
      if (!healed) fault = NAMES[Math.floor(draw / share)]
      const made = { about, attempt, fault }
      exchange = made
      exchanges.push(made)
      // A slow machine makes hangs of its own.
      response.once('close', () => {
        if (!response.writableEnded) made.fault ??= 'hang'
      })
    }
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    if (fault === 'hang') return
    if (fault === 'status 429')
      return void response.writeHead(429, { 'retry-after-ms': '1' }).end('{"error":"slow down"}')
    if (fault === 'status 500') return void response.writeHead(500).end('{"detail":"out of memory"}')
    const answer = await forward(target, request, body).catch((error: unknown) => {
      // The server is away: the caller's connection ends below.
      if (exchange !== undefined) exchange.fault ??= 'reset'
      throw error
    })
    if (fault === 'content type') return void response.writeHead(200, { 'content-type': 'text/html' }).end(answer.body)
    if (fault === 'truncated') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(answer.body.length) })
      response.write(answer.body.subarray(0, answer.body.length >> 1))
      return void setTimeout(() => response.socket?.end(), 5)
    }
    const out = fault === 'corrupt' ? corrupted(answer.body) : answer.body
    response.writeHead(answer.status, { 'content-type': answer.type }).end(out)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy())
  }).listen(port, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}${new URL(target).pathname.replace(/\/$/, '')}`,
    exchanges,
    heal: () => void (healed = true),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Of what was sent; undefined where nothing was. */
function hashOf(body: Buffer): string | undefined {
  return body.length === 0 ? undefined : createHash('sha256').update(body).digest('hex')
}

interface Answer {
  readonly status: number
  readonly type: string
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
      const { statusCode: status = 500, headers: given } = incoming
      const type = given['content-type'] ?? 'application/json'
      incoming.on('end', () => resolve({ status, type, body: Buffer.concat(chunks) }))
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
