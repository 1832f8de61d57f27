import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Type, withDefaults } from '@dda-thinker/plugin-api'
import { makeContext, MemoryLog } from '@dda-thinker/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EndpointOptions, endpointOptions } from './endpoint-options.ts'
import { identifyModel, ServiceFrame, type ServiceFrameOptions } from './service-frame.ts'

let server: Server
let base = ''

beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":"tiny","root":"w1"}]}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => {
  server.close()
})

interface Own {
  readonly resource: string
}

/** A frame that writes down what is done in it. */
function frame(given: Partial<ServiceFrameOptions<Own>> = {}) {
  const options = withDefaults<EndpointOptions>(Type.Object(endpointOptions({ perEndpoint: 1, timeoutSeconds: 5 })), {
    endpoints: [base],
  })
  const done: string[] = []
  const made = new ServiceFrame<Own>({
    name: 'editor-test',
    options,
    model: 'tiny',
    own: () => ({ resource: 'r' }),
    identify: identifyModel('tiny'),
    begin: async ({ resource }) => void done.push(`begin ${resource}`),
    end: async ({ resource }) => void done.push(`end ${resource}`),
    ...given,
  })
  return { made, done }
}

test('asks for its identity, begins, and ends once', async () => {
  const { made, done } = frame()
  const closed = expect.objectContaining({ code: 'DDA_ROLE_CLOSED', message: 'editor-test is not open' })
  expect(() => made.held).toThrow(closed)
  await made.open(makeContext())
  expect(made.held.resource).toBe('r')
  expect(made.identity).toBe('id=tiny,root=w1')
  await made.close()
  await made.close()
  expect(done).toEqual(['begin r', 'end r'])
  expect(() => made.held).toThrow(closed)
  // A fingerprint that has been read stays as it was.
  expect(made.identity).toBe('id=tiny,root=w1')
})

test.each(['own', 'identify', 'begin'] as const)('nothing is open where %s fails', async (step) => {
  const failure = new Error('no')
  const { made, done } = frame({ [step]: () => Promise.reject(failure) })
  await expect(made.open(makeContext())).rejects.toBe(failure)
  expect(made.isOpen).toBe(false)
  // What was made is ended, and what was not made is not.
  expect(done.filter((line) => line.startsWith('end'))).toEqual(step === 'own' ? [] : ['end r'])
})

test('the session is closed although the role fails to end what is its own', async () => {
  const log = new MemoryLog()
  const { made } = frame({ end: () => Promise.reject(new Error('stuck')) })
  await made.open(makeContext({ log }))
  const signal = new AbortController().signal
  await made.held.session.run((at) => made.held.session.json(at, { method: 'GET', path: 'models', signal }), signal)
  await expect(made.close()).rejects.toThrow('stuck')
  expect(log.lines.join('\n')).toMatch(/editor-test: .*1 calls/)
})

test('diagnoses without being open', async () => {
  const { made, done } = frame()
  expect(await made.diagnose(makeContext())).toMatchObject([{ url: base, models: ['tiny'] }])
  expect([made.isOpen, done]).toEqual([false, []])
})
