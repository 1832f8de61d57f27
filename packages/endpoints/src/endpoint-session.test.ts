import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Type, withDefaults } from '@dda-thinker/plugin-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isTransient, mustStop } from './endpoint-error.ts'
import { type EndpointOptions, endpointOptions } from './endpoint-options.ts'
import { EndpointSession } from './endpoint-session.ts'
import { modelIdentity } from './model-identity.ts'

const KEY = 'session-key-0123456789'
const schema = Type.Object(endpointOptions({ perEndpoint: 2, timeoutSeconds: 60 }))
const signal = new AbortController().signal
const lines: string[] = []
const log = {
  debug: (message: string): void => void lines.push(message),
  info: (message: string): void => void lines.push(message),
  warn: (message: string): void => void lines.push(message),
}
let server: Server
let base = ''
let reply: { status: number; body: string }
let seen: Record<string, string | string[] | undefined> = {}

beforeAll(async () => {
  server = createServer((request, response) => {
    seen = { url: request.url, ...request.headers }
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`
})
afterAll(() => {
  server.close()
})

function session(given: Partial<EndpointOptions> = {}): EndpointSession {
  const options = withDefaults<EndpointOptions>(schema, {
    endpoints: [base],
    apiKeyEnv: 'K',
    retryDelaySeconds: 0.001,
    ...given,
  })
  return new EndpointSession({ options, name: 'test', log, env: { K: KEY } })
}

async function withSession<T>(
  work: (one: EndpointSession) => Promise<T>,
  given?: Partial<EndpointOptions>,
): Promise<T> {
  const one = session(given)
  try {
    return await work(one)
  } finally {
    await one.close()
    await one.close()
  }
}

function ask(one: EndpointSession): Promise<unknown> {
  return one.run((endpoint) => one.json(endpoint, { method: 'GET', path: 'models', signal }), signal)
}

test('sends the key in the header that is asked for, below the base URL', async () => {
  reply = { status: 200, body: '{"a":1}' }
  expect(await withSession(ask)).toEqual({ a: 1 })
  expect(seen).toMatchObject({ url: '/v1/models', authorization: `Bearer ${KEY}` })
  await withSession(ask, { apiKeyHeader: 'X-Key' })
  expect(seen).toMatchObject({ 'x-key': KEY })
  expect(seen['authorization']).toBeUndefined()
})

test('repeats, says so without the key, and sums up at the end', async () => {
  reply = { status: 500, body: `{"detail":"you sent ${KEY}"}` }
  lines.length = 0
  const call = withSession(
    (one) => one.run((endpoint) => one.json(endpoint, { method: 'GET', path: 'x', signal }), signal),
    { attempts: 3 },
  )
  await expect(call).rejects.toMatchObject({ code: 'DDA_ENDPOINT_SERVER' })
  expect(lines.filter((line) => line.includes('again in')).length).toBe(2)
  expect(lines.at(-1)).toMatch(/3 calls, 0 good, 3 server$/)
  expect(lines.join()).not.toContain(KEY)
})

test('knows which errors stop a run', async () => {
  for (const [status, stops, transient] of [
    [401, true, false],
    [402, true, false],
    [404, true, false],
    [400, false, false],
    [503, false, true],
  ] as const) {
    reply = { status, body: '{}' }
    const error = await withSession((one) =>
      one.send(one.pool.endpoints[0] ?? { url: '', index: 0 }, { method: 'GET', path: 'x', signal }),
    ).catch((error: unknown) => error)
    expect([status, mustStop(error), isTransient(error)]).toEqual([status, stops, transient])
  }
  expect(mustStop(new Error('bug'))).toBe(false)
})

function identify(model?: string): Promise<string | undefined> {
  return withSession((one) => modelIdentity({ session: one, model, signal, log }))
}

test('reads who a server is from its list of models, if it has one', async () => {
  const cards = [
    { id: 'b', created: 1, owned_by: 'x', root: '/w/b', permission: [{ id: 'random' }] },
    { id: 'a', created: 2, max_model_len: 9 },
  ]
  reply = { status: 200, body: JSON.stringify({ object: 'list', data: cards }) }
  expect(await identify()).toBe('id=a,max_model_len=9 + id=b,root=/w/b')
  expect(await identify('b')).toBe('id=b,root=/w/b')
  expect(await identify('c')).toBeUndefined()
  for (const silent of [
    { status: 404, body: '' },
    { status: 200, body: '<html>' },
    { status: 200, body: '[]' },
  ]) {
    reply = silent
    expect(await identify()).toBeUndefined()
  }
  reply = { status: 403, body: '{"error":"not for you"}' }
  expect(await identify()).toBeUndefined()
  expect(lines.at(-1)).toMatch(/refuses to list its models: http\S+ answered 403: not for you/)
  reply = { status: 401, body: '{}' }
  await expect(identify()).rejects.toMatchObject({ code: 'DDA_ENDPOINT_KEY' })
})

test('further headers go with every call; a secret one comes from the environment and is in no text', async () => {
  const headersSeen: Readonly<Record<string, unknown>>[] = []
  const teamServer = createServer((request, response) => {
    headersSeen.push(request.headers)
    response.writeHead(500).end(`you sent ${String(request.headers['x-team-token'])}`)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => teamServer.once('listening', resolve))
  const url = `http://127.0.0.1:${(teamServer.address() as AddressInfo).port}`
  const headers = { 'X-Title': 'A lab', 'x-team-token': { env: 'TEAM' }, 'User-Agent': 'lab/1' }
  const options = withDefaults<EndpointOptions>(schema, { endpoints: [url], attempts: 1, headers })
  const settings = { options, name: 'role', log, env: { TEAM: 'team secret 0123456789' } }
  const opened = new EndpointSession(settings)
  const [endpoint] = opened.pool.endpoints
  if (endpoint === undefined) throw new RangeError('no endpoint')
  const failed = opened.send(endpoint, { method: 'GET', path: 'x', signal: new AbortController().signal })
  await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining('team secret') })
  expect(headersSeen[0]).toMatchObject({
    'x-title': 'A lab',
    'x-team-token': 'team secret 0123456789',
    'user-agent': 'lab/1',
  })
  await opened.close()
  teamServer.close()
  expect(() => new EndpointSession({ ...settings, env: {} })).toThrow(
    expect.objectContaining({ code: 'DDA_ENDPOINT_KEY_MISSING', message: expect.stringContaining('TEAM') }),
  )
})

test.each([
  ['', '(an empty body)'],
  ['<html>', '<html>'],
])('an answer that is no JSON is shown, also where it is nothing: %j', async (body, shown) => {
  reply = { status: 200, body }
  await withSession(async (one) => {
    const asked = one.run((endpoint) => one.json(endpoint, { method: 'GET', path: 'models', signal }), signal)
    await expect(asked).rejects.toThrow(`answered with broken JSON: ${shown}`)
  })
})
