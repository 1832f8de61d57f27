import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Type, withDefaults } from '@dda-thinker/plugin-api'
import { afterEach, expect, test } from 'vitest'
import type { EndpointError } from './endpoint-error.ts'
import { type EndpointOptions, endpointOptions } from './endpoint-options.ts'
import { EndpointSession } from './endpoint-session.ts'

const schema = Type.Object(endpointOptions({ perEndpoint: 2, timeoutSeconds: 60 }))
const { signal } = new AbortController()
const ATTEMPTS = 3
const PLANS = 8
const isBad = (sample: string): boolean => sample.startsWith('bad')

type Answer = (response: ServerResponse) => void

const status =
  (code: number): Answer =>
  (response) =>
    void response.writeHead(code, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
const silence: Answer = () => undefined
const good: Answer = (response) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"good":true}')

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A server that answers by the sample in the path, and the samples that it was asked for. */
async function serve(answer: (sample: string) => Answer) {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    const sample = request.url?.slice(1) ?? ''
    asked.push(sample)
    answer(sample)(response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** With a made-up call, which asks for a sample of its own. */
function sessionOf(urls: readonly string[], given: Partial<EndpointOptions> = {}, madeUp = 'made-up'): EndpointSession {
  const options = withDefaults<EndpointOptions>(schema, {
    endpoints: urls,
    attempts: ATTEMPTS,
    retryDelaySeconds: 0.001,
    breakerSeconds: 0.001,
    giveUpSeconds: 0.05,
    ...given,
  })
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined }
  const session = new EndpointSession({ options, name: 'test', log, control: (one) => ask(one, madeUp) })
  ends.push(() => session.close())
  return session
}

/** Answers may take their time on a busy machine, where there is one to come. */
function ask(
  session: EndpointSession,
  sample: string,
  timeoutMs = sample.startsWith('bad-silent') ? 50 : 60_000,
): Promise<unknown> {
  const request = { method: 'GET', path: sample, signal, timeoutMs } as const
  return session.run((endpoint) => session.json(endpoint, request), signal, sample)
}

/** What becomes of all plans of these samples, so many at once as an engine asks for. */
async function plansOf(session: EndpointSession, samples: readonly string[]) {
  const queue = samples.flatMap((sample) => Array.from({ length: PLANS }, () => sample)).entries()
  const ends: { readonly code: string; readonly stopsRun: boolean }[] = []
  const worker = async (): Promise<void> => {
    for (const [index, sample] of queue) {
      ends[index] = await ask(session, sample).then(
        () => ({ code: 'good', stopsRun: false }),
        (error: unknown) => {
          const { code, stopsRun } = error as EndpointError
          return { code, stopsRun }
        },
      )
    }
  }
  await Promise.all(Array.from({ length: session.pool.concurrency }, worker))
  return ends
}

const plansThat = (code: string, samples = 1) =>
  Array.from({ length: samples * PLANS }, () => ({ code, stopsRun: false }))

const FAULTS: readonly (readonly [string, Answer, string])[] = [
  ['answered with 500', status(500), 'DDA_ENDPOINT_SERVER'],
  ['answered with 502, since the server falls by it', status(502), 'DDA_ENDPOINT_SERVER'],
  ['answered with 504', status(504), 'DDA_ENDPOINT_SERVER'],
  ['answered with 429', status(429), 'DDA_ENDPOINT_RATE_LIMIT'],
  ['answered with 402', status(402), 'DDA_ENDPOINT_PAYMENT'],
  ['not answered', silence, 'DDA_ENDPOINT_TIMEOUT'],
  [
    'answered with less than was promised',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 99 }).write('{"go')
      setImmediate(() => response.destroy())
    },
    'DDA_ENDPOINT_TRUNCATED',
  ],
  ['left without an answer', (response) => void response.destroy(), 'DDA_ENDPOINT_CONNECTION'],
  [
    'answered with no JSON',
    (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('<'),
    'DDA_ENDPOINT_JSON',
  ],
]

test.each(FAULTS)('one sample that is always %s is masked, also where it alone is left', async (_what, fault, code) => {
  const bad = fault === silence ? 'bad-silent' : 'bad'
  for (const perEndpoint of [1, 2, PLANS]) {
    const { url } = await serve((sample) => (isBad(sample) ? fault : good))
    const continued = sessionOf([url], { perEndpoint })
    expect(await plansOf(continued, [bad])).toEqual(plansThat(code))
    expect(await plansOf(continued, ['other'])).toEqual(plansThat('good'))
    expect(await plansOf(continued, [bad, 'other'])).toEqual([...plansThat(code), ...plansThat('good')])
  }
})

test.each(FAULTS.slice(0, 4))('several samples that are always %s are masked too', async (_what, fault, code) => {
  const { url } = await serve((sample) => (isBad(sample) ? fault : good))
  const samples = ['bad-1', 'bad-2', 'bad-3', 'bad-4']
  expect(await plansOf(sessionOf([url], { perEndpoint: 4 }), samples)).toEqual(plansThat(code, samples.length))
})

test.each(FAULTS.slice(0, 7))(
  'where everything is always %s, also what is made up, the run stops, and the service is asked for that once',
  async (_what, fault) => {
    const { url, asked } = await serve(() => fault)
    const [bad, madeUp] = fault === silence ? ['bad-silent', 'bad-silent-too'] : ['bad', 'made-up']
    const ended = await plansOf(sessionOf([url], { perEndpoint: PLANS, attempts: 5, breakerFailures: 1 }, madeUp), [
      bad,
    ])
    expect(ended).toEqual(Array.from({ length: PLANS }, () => expect.objectContaining({ stopsRun: true })))
    expect(asked.filter((sample) => sample === madeUp)).toHaveLength(1)
  },
)

test('a server that was away, and is back when the made-up call is made, has every call asked again', async () => {
  let isBack = false
  const { url } = await serve((sample) => {
    if (sample === 'made-up') isBack = true
    return isBack ? good : status(503)
  })
  expect(await plansOf(sessionOf([url], { perEndpoint: PLANS }), ['a', 'b'])).toEqual(plansThat('good', 2))
})

test('one of two replicas that answers what is made up is enough', async () => {
  const answer = (sample: string): Answer => (isBad(sample) ? status(500) : good)
  const [broken, well] = [await serve(() => status(500)), await serve(answer)]
  expect(await plansOf(sessionOf([broken.url, well.url]), ['bad'])).toEqual(plansThat('DDA_ENDPOINT_SERVER'))
})

test('who ends a call does not wait for what is made up', async () => {
  const controller = new AbortController()
  const { url } = await serve((sample) => {
    if (sample !== 'made-up') return status(500)
    controller.abort(new Error('enough'))
    return () => undefined
  })
  const session = sessionOf([url], { perEndpoint: PLANS })
  const path = { method: 'GET', path: 'bad', signal } as const
  const calls = Array.from({ length: PLANS }, () =>
    session.run((endpoint) => session.json(endpoint, path), controller.signal, 'bad'),
  )
  for (const { status: end, ...more } of await Promise.allSettled(calls)) {
    expect({ end, ...more }).toMatchObject({ end: 'rejected', reason: { message: 'enough' } })
  }
})
