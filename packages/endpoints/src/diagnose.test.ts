import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Type, withDefaults } from '@dda-thinker/plugin-api'
import { afterEach, expect, test } from 'vitest'
import { diagnoseEndpoints } from './diagnose.ts'
import { type EndpointOptions, endpointOptions } from './endpoint-options.ts'

const schema = Type.Object(endpointOptions({ perEndpoint: 2, timeoutSeconds: 5 }))
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined }
const servers: Server[] = []

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const lists = (status: number, body: unknown): RequestListener => {
  return (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function diagnose(endpoints: readonly string[], more: Partial<EndpointOptions> & { readonly model?: string } = {}) {
  const { model, ...given } = more
  const options = withDefaults<EndpointOptions>(schema, { endpoints, ...given })
  const env = { KEY: 'diagnosis-key-0123456789' }
  return diagnoseEndpoints({ options, name: 'role', log: quiet, signal: new AbortController().signal, model, env })
}

test('each endpoint is reached once and lists its models; one that is down is a report with a code and a next step', async () => {
  let asked = 0
  const up = await serve((request, response) => {
    asked += 1
    lists(200, { data: [{ id: 'one' }, { id: 'two' }, { id: 3 }] })(request, response)
  })
  const down = await serve(() => undefined)
  servers.pop()?.close()
  const reports = await diagnose([up, down])
  expect(reports[0]).toEqual({ url: up, ms: expect.any(Number), models: ['one', 'two'] })
  expect(reports[1]).toMatchObject({ url: down, error: { code: 'DDA_ENDPOINT_CONNECTION', next: expect.any(String) } })
  expect(asked).toBe(1)
})

test('a model that is not listed, and a server without a list, are notes and no errors', async () => {
  const other = await serve(lists(200, { data: [{ id: 'other' }] }))
  const silent = await serve(lists(404, { detail: 'Not Found' }))
  const [first, second] = await diagnose([other, silent], { model: 'mine' })
  expect(first).toMatchObject({ models: ['other'], notes: ['it does not list the model mine'] })
  expect(second?.notes).toEqual([expect.stringContaining('lists no models')])
  // Never a tick.
  expect([first?.unproven, second?.unproven]).toEqual([undefined, true])
  expect([first, second].map((report) => report?.error)).toEqual([undefined, undefined])
})

test.each([
  [401, { error: { message: 'bad key diagnosis-key-0123456789' } }, 'DDA_ENDPOINT_KEY'],
  [503, { detail: 'loading' }, 'DDA_ENDPOINT_SERVER'],
])('status %i is the error of its endpoint, without the key', async (status, body, code) => {
  const url = await serve(lists(status, body))
  const [report] = await diagnose([url], { apiKeyEnv: 'KEY' })
  expect(report?.error).toMatchObject({ code })
  expect(report?.error).not.toMatchObject({ message: expect.stringContaining('diagnosis-key') })
})

test('a key that is not there concerns all endpoints', async () => {
  await expect(diagnose(['http://127.0.0.1:9'], { apiKeyEnv: 'ABSENT' })).rejects.toMatchObject({
    code: 'DDA_ENDPOINT_KEY_MISSING',
  })
})

test('one real call, on the first endpoint that can be reached, shows what the list cannot', async () => {
  const silent = await serve(lists(403, { detail: 'no scope' }))
  const other = await serve(lists(200, { data: [] }))
  const options = withDefaults<EndpointOptions>(schema, { endpoints: [silent, other] })
  const settings = { options, name: 'role', log: quiet, signal: new AbortController().signal }
  const asked: string[] = []
  const reports = await diagnoseEndpoints({
    ...settings,
    trial: async (session) => {
      asked.push(...session.pool.endpoints.map(({ url }) => url))
      return ['it said yes']
    },
  })
  expect(asked).toEqual([silent])
  expect(reports[0]).toMatchObject({ notes: [expect.stringContaining('403'), 'it said yes'] })
  expect(reports[0]?.unproven).toBeUndefined()
  const [failed] = await diagnoseEndpoints({
    ...settings,
    trial: () => Promise.reject(new Error('Invalid model name')),
  })
  expect(failed).toMatchObject({ unproven: true, error: { message: 'Invalid model name' } })
})
