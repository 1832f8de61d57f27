import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { DdaError, keepSecret } from '@dda-thinker/plugin-api'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpService, type HttpService, type HttpServiceOptions } from './http-service.ts'

const TOKEN = 'a-token-of-24-characters'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Unlike fetch it lets a test write any Host header. */
function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const isJson = response.headers['content-type']?.startsWith('application/json') === true
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: isJson ? JSON.parse(text) : text })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function serve(options: HttpServiceOptions = {}, routes: (service: HttpService) => void = () => undefined) {
  const service = createHttpService(options)
  service.app.get('/v1/hello', () => ({ hello: 'world' }))
  service.app.post<{ Body: { n: number } }>(
    '/v1/double',
    {
      schema: {
        body: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'], additionalProperties: false },
      },
    },
    ({ body }) => ({ n: body.n * 2 }),
  )
  routes(service)
  const { url, port } = await service.listen()
  service.ready()
  onTestFinished(() => service.drain(AbortSignal.abort()).then(() => undefined))
  return { service, url, port }
}

const codeOf = ({ body }: Answer) => (body as { error?: { code?: string } }).error?.code

test('off loopback nothing is served without a token, and a token must be one', () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'gpu-1'])
    expect(() => createHttpService({ host })).toThrow(expect.objectContaining({ code: 'DDA_HTTP_NO_TOKEN' }))
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) createHttpService({ host })
  createHttpService({ host: '0.0.0.0', token: TOKEN })
  for (const token of ['', 'short', 'with a space in the token', 'ünlesbar-ünlesbar-ünlesbar'])
    expect(() => createHttpService({ host: '0.0.0.0', token })).toThrow(
      expect.objectContaining({ code: 'DDA_HTTP_TOKEN_WEAK' }),
    )
})

test('a name that is not ours in the Host header is refused on every path: a page may have had its own resolve to us', async () => {
  const { url, port } = await serve({ hosts: ['Reward.internal'] })
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', 'a@127.0.0.1', '[::1'])
    for (const path of ['/v1/hello', '/healthz', '/nowhere']) {
      const answer = await ask(url + path, { headers: { host } })
      expect([host, path, answer.status, codeOf(answer)]).toEqual([host, path, 403, 'DDA_HTTP_FOREIGN_HOST'])
    }
  for (const host of ['localhost', `LOCALHOST:${port}`, '127.0.0.1:1', '[::1]:80', 'reward.internal:8080'])
    expect((await ask(`${url}/v1/hello`, { headers: { host } })).status).toBe(200)
})

test('a browser that comes from another origin is refused; our own pages, links to us, and programs are not', async () => {
  const { url } = await serve()
  const host = new URL(url).host
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ]
  for (const headers of foreign)
    expect(codeOf(await ask(`${url}/v1/hello`, { headers }))).toBe('DDA_HTTP_FOREIGN_ORIGIN')
  const form = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const posted = await ask(`${url}/v1/double`, { method: 'POST', headers: form, body: '{"n":1}' })
  expect(codeOf(posted)).toBe('DDA_HTTP_FOREIGN_ORIGIN')
  const own = [
    {},
    { origin: `http://${host}` },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    form,
  ]
  for (const headers of own) expect((await ask(`${url}/v1/hello`, { headers })).status).toBe(200)
})

test('with a token every path asks for it but those of the health, whatever the method', async () => {
  const { url } = await serve({ token: TOKEN, open: ['/metrics'] }, ({ app }) => void app.get('/metrics', () => 'up 1'))
  const asked: [string, Asked][] = [
    ['/v1/hello', {}],
    ['/nowhere', {}],
    ['/v1/hello', { headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' } }],
    ['/v1/hello', { headers: { authorization: `Basic ${TOKEN}` } }],
    ['/v1/hello?token=wrong', {}],
    ['/v1/double', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"n":1}' }],
  ]
  for (const [path, how] of asked) {
    const answer = await ask(url + path, how)
    expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, 'DDA_HTTP_UNAUTHORISED'])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) expect((await ask(url + path)).status).toBe(200)
  const known = await ask(`${url}/v1/hello`, { headers: { authorization: `bearer ${TOKEN}` } })
  expect(known.body).toEqual({ hello: 'world' })
})

test('a page that is opened with the token gets it as a cookie that no script and no other site can use', async () => {
  const { url } = await serve({ token: TOKEN })
  const opened = await ask(`${url}//evil.example/?token=${TOKEN}&a=1`)
  expect(opened.status).toBe(303)
  expect(opened.headers['location']).toBe('/?a=1')
  const set = String(opened.headers['set-cookie'])
  expect(set).toBe(`dda_token=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`)
  const cookie = `other=1; ${set.split(';')[0]}`
  expect((await ask(`${url}/v1/hello`, { headers: { cookie } })).status).toBe(200)
  expect((await ask(`${url}/v1/hello`, { headers: { cookie: 'dda_token=%' } })).status).toBe(401)
})

test('whatever a caller gets wrong is answered with a code and a next step, in one shape', async () => {
  const { url } = await serve({ bodyLimit: 1100 })
  const json = { 'content-type': 'application/json' }
  const asked: [string, Asked, number, string][] = [
    ['/nowhere', {}, 404, 'DDA_HTTP_NOT_FOUND'],
    ['/%', {}, 404, 'DDA_HTTP_NOT_FOUND'],
    ['/v1/hello', { method: 'DELETE' }, 405, 'DDA_HTTP_METHOD'],
    ['/v1/double', { method: 'POST', body: 'n=1' }, 415, 'DDA_HTTP_MEDIA_TYPE'],
    ['/v1/double', { method: 'POST', headers: json, body: '' }, 400, 'DDA_HTTP_BODY_INVALID'],
    ['/v1/double', { method: 'POST', headers: json, body: '{"n":' }, 400, 'DDA_HTTP_BODY_INVALID'],
    ['/v1/double', { method: 'POST', headers: json, body: '{"__proto__":{"n":1}}' }, 400, 'DDA_HTTP_BODY_INVALID'],
    ['/v1/double', { method: 'POST', headers: json, body: '{"n":"1"}' }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    ['/v1/double', { method: 'POST', headers: json, body: '{"n":1,"m":2}' }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [
      '/v1/double',
      { method: 'POST', headers: json, body: '['.repeat(500) + ']'.repeat(500) },
      400,
      'DDA_HTTP_REQUEST_INVALID',
    ],
    [
      '/v1/double',
      { method: 'POST', headers: json, body: '[['.repeat(251) + ']]'.repeat(251) },
      400,
      'DDA_HTTP_BODY_INVALID',
    ],
    ['/v1/double', { method: 'POST', headers: json, body: ' '.repeat(1101) }, 413, 'DDA_HTTP_BODY_TOO_LARGE'],
  ]
  for (const [path, how, status, code] of asked) {
    const answer = await ask(url + path, how)
    expect([path, how.body, answer.status, codeOf(answer)]).toEqual([path, how.body, status, code])
    expect(answer.body).toEqual({ error: { code, message: expect.any(String), next: expect.any(String) } })
  }
  expect((await ask(`${url}/v1/double/`, { method: 'POST', headers: json, body: '{"n":2}' })).body).toEqual({ n: 4 })
})

test('no answer holds a path or a key, and what the server did not foresee is told to its log alone', async () => {
  keepSecret('REWARD_KEY', 'sk-0123456789abcdef')
  const told: unknown[] = []
  const thrown: Record<string, () => Error> = {
    path: () =>
      new DdaError('DDA_FILE_SYSTEM', `cannot read "/home/me/a project/x.json" or /srv/data/y.bin: see POST /v1/score`),
    windows: () => new DdaError('DDA_FILE_SYSTEM', String.raw`cannot read C:\Users\me\x.json and file:///etc/hosts`),
    joined: () => new DdaError('DDA_FILE_SYSTEM', 'failed:/home/me/key.txt, out-/srv/y, see http://host:80/a/b'),
    key: () => new DdaError('DDA_SOME', 'the server said sk-0123456789abcdef', { next: 'Look at /var/log/x.log.' }),
    bug: () => new TypeError('cannot read properties of /root/secret'),
  }
  const { url } = await serve(
    { statusOf: ({ code }) => (code === 'DDA_SOME' ? 422 : undefined), onError: (error) => told.push(error) },
    ({ app }) => {
      for (const [name, make] of Object.entries(thrown))
        app.get(`/v1/${name}`, () => {
          throw make()
        })
    },
  )
  const messages: Record<string, unknown> = {}
  for (const name of Object.keys(thrown)) {
    const { status, body } = await ask(`${url}/v1/${name}`)
    messages[name] = [status, (body as { error: unknown }).error]
  }
  expect(messages).toEqual({
    path: [500, { code: 'DDA_FILE_SYSTEM', message: 'cannot read "<path>" or <path>: see POST /v1/score' }],
    windows: [500, { code: 'DDA_FILE_SYSTEM', message: 'cannot read <path> and <path>' }],
    joined: [500, { code: 'DDA_FILE_SYSTEM', message: 'failed:<path>, out-<path>, see http://host:80/a/b' }],
    key: [422, { code: 'DDA_SOME', message: 'the server said ${env:REWARD_KEY}', next: 'Look at <path>' }],
    bug: [
      500,
      { code: 'DDA_HTTP_INTERNAL', message: expect.stringContaining('did not foresee'), next: expect.any(String) },
    ],
  })
  expect(told).toHaveLength(4)
})

test('pages may load nothing but what this server gives them, and no answer may be framed or kept', async () => {
  const { url } = await serve({}, ({ app }) => void app.get('/', (_, reply) => reply.type('text/html').send('<p>')))
  const [page, data] = [await ask(`${url}/`), await ask(`${url}/v1/hello`)]
  expect(page.headers['content-security-policy']).toMatch(
    /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
  )
  expect(page.headers['content-security-policy']).not.toContain('unsafe')
  expect(data.headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'")
  for (const { headers } of [page, data, await ask(`${url}/nowhere`)])
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    })
})

test('a port that is taken, and an address that is not ours, are told as such', async () => {
  const { port } = await serve()
  await expect(createHttpService({ port }).listen()).rejects.toMatchObject({ code: 'DDA_HTTP_ADDRESS' })
  const elsewhere = createHttpService({ host: '192.0.2.1', token: TOKEN })
  await expect(elsewhere.listen()).rejects.toMatchObject({ code: 'DDA_HTTP_ADDRESS' })
})

/** A route that answers when the test lets it. */
function slow() {
  let finish: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (finish = resolve))
  let enter: () => void = () => undefined
  const entered = new Promise<void>((resolve) => (enter = resolve))
  const route = ({ app }: HttpService) =>
    void app.get('/v1/slow', async () => {
      enter()
      await gate
      return { done: true }
    })
  return { route, entered, finish: () => finish() }
}

test('draining: requests under way are answered, new ones are sent elsewhere, and it tells that it is not ready', async () => {
  const { route, entered, finish } = slow()
  const { service, url } = await serve({}, route)
  expect((await ask(`${url}/readyz`)).body).toEqual({ status: 'ready', pending: 0 })
  const answer = ask(`${url}/v1/slow`)
  await entered
  const stop = new AbortController()
  const ended = service.until(stop.signal)
  stop.abort()
  await new Promise((resolve) => setImmediate(resolve))
  expect(service.state).toBe('draining')
  const refused = await ask(`${url}/v1/hello`)
  expect([refused.status, codeOf(refused), refused.headers['retry-after']]).toEqual([503, 'DDA_HTTP_DRAINING', '1'])
  expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503, body: { status: 'draining', pending: 1 } })
  expect((await ask(`${url}/healthz`)).status).toBe(200)
  finish()
  expect((await answer).body).toEqual({ done: true })
  expect(await ended).toBe(0)
  await expect(ask(`${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('what does not end in time, or before the second signal, is cut off and counted', async () => {
  for (const abort of [undefined, AbortSignal.abort()]) {
    const { route, entered, finish } = slow()
    const { service, url } = await serve({ drainSeconds: abort === undefined ? 0.05 : 600 }, route)
    const answer = ask(`${url}/v1/slow`).catch((error: NodeJS.ErrnoException) => error.code)
    await entered
    expect(await service.drain(abort)).toBe(1)
    expect(await answer).toBe('ECONNRESET')
    finish()
  }
})

test('a connection on which nothing is asked keeps no server from ending', async () => {
  const { service, port } = await serve({})
  const socket = connect(port, '127.0.0.1')
  await once(service.app.server, 'connection')
  const closed = once(socket, 'close')
  expect(await service.drain()).toBe(0)
  await closed
})

test('a caller that goes away is no longer waited for', async () => {
  const { route, entered, finish } = slow()
  const { service, port } = await serve({}, route)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /v1/slow HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await entered
  expect(service.pending).toBe(1)
  socket.destroy()
  expect(await service.drain()).toBe(0)
  finish()
})
