import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EndpointError } from './endpoint-error.ts'
import { HttpClient, type HttpRequest } from './http-client.ts'
import { encodeMultipart } from './multipart.ts'
import { Redactor, Secret } from './secrets.ts'

const KEY = 'k3y-"with+odd/chars=0123456789'
let server: Server
let base = ''
let answer: (request: IncomingMessage, response: ServerResponse) => void
const client = new HttpClient({ redactor: new Redactor([new Secret(KEY)]), maxBodyBytes: 10_000 })

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await client.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function send(more: Partial<HttpRequest> = {}): ReturnType<HttpClient['send']> {
  return client.send({
    method: 'GET',
    url: `${base}/v1/thing`,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    ...more,
  })
}

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

test('gives status, headers and body of a good answer', async () => {
  answer = json(200, { ok: 1 }, { 'X-Thing': 'a' })
  const response = await send({ accept: ['application/json'] })
  expect(JSON.parse(Buffer.from(response.body).toString())).toEqual({ ok: 1 })
  expect([response.status, response.headers['x-thing']]).toEqual([200, 'a'])
})

test('sends a form with its length, file names and types', async () => {
  let seen = ''
  let headers: IncomingMessage['headers'] = {}
  answer = (request, response) => {
    headers = request.headers
    request.setEncoding('latin1').on('data', (text: string) => (seen += text))
    request.on('end', () => response.end('{}'))
  }
  const body = await encodeMultipart([
    { name: 'prompt', text: 'grün "x"\r\nInjected: yes' },
    { name: 'image[]', bytes: Uint8Array.of(1, 2, 255), filename: 'a.png', mediaType: 'image/png' },
    { name: 'image[]', bytes: Uint8Array.of(3), filename: 'b.png', mediaType: 'image/png' },
  ])
  await send({ method: 'POST', body })
  expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  expect(Number(headers['content-length'])).toBe(seen.length)
  expect(seen.match(/name="image\[\]"; filename="[ab]\.png"\r\nContent-Type: image\/png/g)?.length).toBe(2)
  expect(seen).toContain('\x01\x02\xff')
})

const STATUSES = [
  [400, {}, {}, 'DDA_ENDPOINT_REJECTED', 'bad-input', false],
  [422, { detail: [{ msg: 'field required' }] }, {}, 'DDA_ENDPOINT_REJECTED', 'bad-input', false],
  [400, { error: { code: 'moderation_blocked', message: 'no' } }, {}, 'DDA_ENDPOINT_REFUSED', 'refusal', false],
  [401, {}, {}, 'DDA_ENDPOINT_KEY', 'unavailable', false],
  [403, {}, { 'x-should-retry': 'true' }, 'DDA_ENDPOINT_FORBIDDEN', 'unavailable', false],
  [402, {}, {}, 'DDA_ENDPOINT_PAYMENT', 'unavailable', false],
  [429, { error: { code: 'insufficient_quota' } }, {}, 'DDA_ENDPOINT_PAYMENT', 'unavailable', false],
  [404, {}, {}, 'DDA_ENDPOINT_NOT_FOUND', 'unavailable', false],
  [302, {}, { location: 'http://127.0.0.1:1/' }, 'DDA_ENDPOINT_REDIRECT', 'unavailable', false],
  [408, {}, {}, 'DDA_ENDPOINT_TIMEOUT', 'timeout', true],
  [409, {}, {}, 'DDA_ENDPOINT_SERVER', 'server', true],
  [429, {}, {}, 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit', true],
  [429, {}, { 'x-should-retry': 'false' }, 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit', false],
  [500, { detail: 'CUDA out of memory' }, {}, 'DDA_ENDPOINT_SERVER', 'server', true],
  [501, {}, {}, 'DDA_ENDPOINT_SERVER', 'server', false],
  [503, {}, {}, 'DDA_ENDPOINT_SERVER', 'server', true],
  [503, { detail: 'the model is being loaded' }, {}, 'DDA_ENDPOINT_SERVER', 'server', true],
  [
    503,
    { error: { message: 'The model is overloaded. Try later.' } },
    {},
    'DDA_ENDPOINT_RATE_LIMIT',
    'rate-limit',
    true,
  ],
  [503, { error: { message: 'Slow Down' } }, {}, 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit', true],
  [503, { detail: 'The request queue is full.' }, {}, 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit', true],
  [500, { detail: 'no overloaded function fits' }, {}, 'DDA_ENDPOINT_SERVER', 'server', true],
  [529, { error: { type: 'overloaded_error' } }, {}, 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit', true],
] as const

test.each(STATUSES)('%d %j %j is %s', async (status, body, headers, code, kind, transient) => {
  answer = json(status, body, headers)
  await expect(send()).rejects.toMatchObject({ code, kind, transient, status, next: expect.stringMatching(/\w+\.$/) })
})

test('passes on how long to wait', async () => {
  answer = json(429, {}, { 'retry-after': '7' })
  await expect(send()).rejects.toMatchObject({ retryAfterMs: 7000 })
})

test('shows the reason of the server, but never the key, in whatever form it is echoed', async () => {
  const echoed = [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')].join(' and ')
  answer = json(401, { error: { message: `Incorrect API key provided: ${echoed}`, code: 'invalid_api_key' } })
  const error = await send().catch((error: unknown) => error as Error)
  const shown = JSON.stringify(error, Object.getOwnPropertyNames(error))
  expect(shown).toContain('Incorrect API key provided')
  for (const form of [...echoed.split(' and '), JSON.stringify(KEY).slice(1, -1)]) expect(shown).not.toContain(form)
})

test('a hang ends at the deadline', async () => {
  answer = () => {}
  await expect(send({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'DDA_ENDPOINT_TIMEOUT', kind: 'timeout' })
})

test('a hang inside the body ends at the deadline', async () => {
  answer = (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('half')
  await expect(send({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'DDA_ENDPOINT_TIMEOUT', kind: 'timeout' })
})

test('an abort ends in its reason', async () => {
  const controller = new AbortController()
  answer = () => controller.abort(new Error('enough'))
  await expect(send({ signal: controller.signal })).rejects.toThrow('enough')
})

test('a body that breaks off is a lost connection, however it ends and whatever was to follow', async () => {
  const ends = {
    end: (socket: Socket) => socket.end(),
    // Together with what was written before: then a reset looks like an end. Then alone.
    reset: (socket: Socket) => socket.resetAndDestroy(),
    'later reset': (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 20),
  }
  const bodies = {
    length: { 'content-length': '100' },
    chunks: {},
    'length, closed': { 'content-length': '100', connection: 'close' },
    'chunks, closed': { connection: 'close' },
  }
  for (const [body, headers] of Object.entries(bodies)) {
    for (const [way, end] of Object.entries(ends)) {
      answer = ({ socket }, response) => {
        response.writeHead(200, headers).write('half')
        setImmediate(() => end(socket))
      }
      const error = (await send().catch((error: unknown) => error)) as EndpointError
      expect([body, way, error.code, error.kind, error.transient]).toEqual([
        body,
        way,
        'DDA_ENDPOINT_TRUNCATED',
        'connection',
        true,
      ])
    }
  }
})

test('resets before the answer, and a port where nobody listens', async () => {
  const lost = { code: 'DDA_ENDPOINT_CONNECTION', kind: 'connection', transient: true }
  answer = (request) => void request.socket.resetAndDestroy()
  await expect(send()).rejects.toMatchObject(lost)
  await expect(send({ url: 'http://127.0.0.1:1/' })).rejects.toMatchObject(lost)
})

test('what is not HTTP at all', async () => {
  answer = (request) => void request.socket.end('SSH-2.0-OpenSSH_9.6\r\n')
  await expect(send()).rejects.toMatchObject({ kind: 'bad-output' })
})

test('a wrong content type', async () => {
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Gateway</h1>')
  const call = send({ accept: ['application/json', 'image/*'] })
  await expect(call).rejects.toMatchObject({ code: 'DDA_ENDPOINT_CONTENT_TYPE', kind: 'bad-output', transient: true })
  await expect(call).rejects.toThrow(/Gateway/)
})

test('bodies beyond the limit, said or not, and packed ones', async () => {
  const tooLarge = { code: 'DDA_ENDPOINT_BODY_TOO_LARGE', kind: 'bad-output' }
  answer = (_request, response) => response.writeHead(200, { 'content-length': '10001' }).end(Buffer.alloc(10_001))
  await expect(send()).rejects.toMatchObject(tooLarge)
  answer = (_request, response) => {
    response.writeHead(200)
    const flood = setInterval(() => response.write(Buffer.alloc(4096)), 1)
    response.on('close', () => clearInterval(flood))
  }
  await expect(send()).rejects.toMatchObject(tooLarge)
  answer = (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000)))
  }
  await expect(send()).rejects.toMatchObject({ code: 'DDA_ENDPOINT_ENCODING', kind: 'bad-output' })
})

test('leaves nothing attached to the signal of a run', async () => {
  const controller = new AbortController()
  let attached = 0
  const { signal } = controller
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
  signal.addEventListener = (...args: Parameters<typeof add>) => (attached++, add(...args))
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (attached--, remove(...args))
  answer = json(200, {})
  for (let i = 0; i < 3; i++) await send({ signal })
  expect(attached).toBe(0)
})

const PLAN =
  'Write "insufficient_quota" and NSFW_content on the sign, for the credit balance is too low; prompt is too long.'

test.each([400, 403, 422, 429])('%d: words that are only repeated decide nothing', async (status) => {
  answer = json(status, { error: { message: `Cannot take the prompt: ${PLAN}` } })
  const code = { 400: 'REJECTED', 403: 'FORBIDDEN', 422: 'REJECTED', 429: 'RATE_LIMIT' }[status]
  await expect(send({ sent: [PLAN] })).rejects.toMatchObject({ code: `DDA_ENDPOINT_${code}` })
  answer = json(status, { error: { message: PLAN, code: 'billing_hard_limit_reached' } })
  await expect(send({ sent: [PLAN] })).rejects.toMatchObject({ code: 'DDA_ENDPOINT_PAYMENT' })
})
