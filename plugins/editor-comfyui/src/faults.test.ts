import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DdaError, isDdaError } from '@dda-thinker/plugin-api'
import { makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterEach, expect, test } from 'vitest'
import { type JobFault, type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import type { EditorOptions } from './index.ts'
import { editorAt } from './workflow.fixture.ts'

let server: StandIn | undefined

afterEach(async () => {
  await server?.close()
})

interface Attempt {
  readonly error?: unknown
  readonly jobs: number
  readonly calls: Readonly<Record<string, number>>
  readonly log: readonly string[]
}

/** One edit against a server with faults: how it ended and how many jobs it took. */
async function attempt(standIn: StandInOptions, options: Partial<EditorOptions> = {}): Promise<Attempt> {
  await server?.close()
  server = await startStandIn(standIn)
  const started = server
  const log = new MemoryLog()
  const context = makeContext({ log })
  const image = await context.images.put(makePng({ width: 32, height: 16 }))
  const editor = editorAt([started.url], { timeoutSeconds: 20, identity: 'config', ...options })
  const error = await withRole(editor, context, (editor) =>
    editor.edit({ images: [image], plan: 'Make it blue', seed: 1 }, { signal: context.signal }),
  ).then(
    () => undefined,
    (error: unknown) => error,
  )
  const result = { jobs: started.graphs.length, calls: started.calls, log: log.lines }
  return error === undefined ? result : { ...result, error }
}

type Fault = (request: IncomingMessage, response: ServerResponse) => void

const reply =
  (status: number, body: string | Uint8Array, headers: Record<string, string> = {}): Fault =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

/** The fault on the first so many requests of a route. */
function on(route: string, fault: Fault, times = Number.POSITIVE_INFINITY): StandInOptions {
  return {
    intercept: (at, request, response, count) => at === route && count <= times && (fault(request, response), true),
  }
}

const PNG = makePng({ width: 8, height: 8 })
const CORRUPT = PNG.map((byte, i) => (i === 45 ? byte ^ 0xff : byte))
const picture = (bytes: Uint8Array): Fault => reply(200, bytes, { 'content-type': 'image/png' })

const truncate: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"prompt_id"')
  setImmediate(() => response.socket?.end())
}
const reset: Fault = (request) => void request.socket.resetAndDestroy()

/** Passes by itself; `jobs` is what one fault costs. */
const TRANSIENT: [string, route: string, Fault, code: string, kind: string, jobs: number][] = [
  [
    '429 with Retry-After',
    'POST /prompt',
    reply(429, '{}', { 'retry-after': '0.01' }),
    'DDA_ENDPOINT_RATE_LIMIT',
    'rate-limit',
    1,
  ],
  ['500', 'POST /prompt', reply(500, '{"error":"CUDA out of memory"}'), 'DDA_ENDPOINT_SERVER', 'server', 1],
  ['503 on upload', 'POST /upload/image', reply(503, '{}'), 'DDA_ENDPOINT_SERVER', 'server', 1],
  ['a reset', 'POST /prompt', reset, 'DDA_ENDPOINT_CONNECTION', 'connection', 1],
  ['a reset on upload', 'POST /upload/image', reset, 'DDA_ENDPOINT_CONNECTION', 'connection', 1],
  ['a truncated body', 'POST /prompt', truncate, 'DDA_ENDPOINT_TRUNCATED', 'connection', 1],
  ['a web page', 'POST /prompt', reply(200, '<html>'), 'DDA_ENDPOINT_JSON', 'bad-output', 1],
  ['a reset while polling', 'GET /history/{id}', reset, 'DDA_ENDPOINT_CONNECTION', 'connection', 1],
  ['500 while polling', 'GET /history/{id}', reply(500, '{}'), 'DDA_ENDPOINT_SERVER', 'server', 1],
  ['broken JSON while polling', 'GET /history/{id}', reply(200, '{"x":'), 'DDA_ENDPOINT_JSON', 'bad-output', 1],
  ['a reset of the picture', 'GET /view', reset, 'DDA_ENDPOINT_CONNECTION', 'connection', 1],
  [
    'a web page as picture',
    'GET /view',
    reply(200, '<html>', { 'content-type': 'text/html' }),
    'DDA_ENDPOINT_CONTENT_TYPE',
    'bad-output',
    1,
  ],
  ['a picture that is gone', 'GET /view', reply(404, ''), 'DDA_EDITOR_EMPTY', 'bad-output', 1],
  ['a corrupt PNG', 'GET /view', picture(CORRUPT), 'DDA_IMAGE_INVALID', 'bad-output', 2],
  ['half a PNG', 'GET /view', picture(PNG.subarray(0, 60)), 'DDA_IMAGE_INVALID', 'bad-output', 2],
]

test.each(TRANSIENT)('%s: masked by its kind, and made good', async (_name, route, fault, code, kind, jobs) => {
  const once = await attempt(on(route, fault), { attempts: 1 })
  expect(once.error).toMatchObject({ code, kind, next: expect.stringMatching(/\w/) })
  expect(isDdaError(once.error)).toBe(true)
  const again = await attempt(on(route, fault, 1))
  expect([again.error, again.jobs]).toEqual([undefined, jobs])
})

test('a lost answer to a job that was taken buys no second job', async () => {
  let jobs = 0
  const { error } = await attempt({
    // The job is queued; then the connection breaks instead of an answer.
    intercept: (route, request, response) => {
      if (route === 'POST /prompt') response.end = () => (reset(request, response), response)
      return false
    },
    job: (count) => {
      jobs = count
      return undefined
    },
  })
  expect([error, jobs]).toEqual([undefined, 1])
})

const JOBS: [string, JobFault, code: string, kind: string, transient: boolean][] = [
  [
    'no memory',
    { exception_type: 'torch.OutOfMemoryError', exception_message: 'Allocation on device' },
    'DDA_EDITOR_EXECUTION',
    'server',
    true,
  ],
  [
    'a node that throws',
    { exception_type: 'RuntimeError', exception_message: 'mat1 and mat2 shapes cannot be multiplied' },
    'DDA_EDITOR_EXECUTION',
    'server',
    false,
  ],
  [
    'a refusal',
    { exception_type: 'Exception', exception_message: 'Blocked by moderation' },
    'DDA_ENDPOINT_REFUSED',
    'refusal',
    false,
  ],
  ['an interruption by others', 'interrupted', 'DDA_EDITOR_INTERRUPTED', 'server', true],
  ['a job that the server forgets', 'lost', 'DDA_EDITOR_JOB_LOST', 'server', true],
]

test.each(JOBS)('%s', async (_name, fault, code, kind, transient) => {
  const broken = await attempt({ job: () => fault }, { attempts: 2 })
  expect(broken.error).toMatchObject({ code, kind, next: expect.stringMatching(/\w/) })
  expect(broken.jobs).toBe(transient ? 2 : 1)
  if (typeof fault === 'object') {
    expect(String(broken.error)).toContain('node 9 (VAEDecode)')
    expect(String(broken.error)).toContain(fault.exception_message)
  }
  if (!transient) return
  const again = await attempt({ job: (count) => (count === 1 ? fault : undefined) })
  expect([again.error, again.jobs]).toEqual([undefined, 2])
})

test.each(['websocket', 'poll'] as const)('a job that never ends is ended by the deadline (%s)', async (wait) => {
  const { error } = await attempt({ job: () => 'hang' }, { attempts: 1, timeoutSeconds: 1, wait })
  expect(error).toMatchObject({ code: 'DDA_ENDPOINT_TIMEOUT', kind: 'timeout' })
  expect(server?.interrupted).toHaveLength(1)
})

test('a websocket that breaks or is not offered costs no job', async () => {
  const broken = await attempt({ job: (count) => (count === 1 ? 'socket-lost' : undefined), workMs: 20 })
  expect([broken.error, broken.jobs]).toEqual([undefined, 1])
  const none = await attempt({ websocket: false })
  expect([none.error, none.jobs]).toEqual([undefined, 1])
  expect(none.log.filter((line) => line.startsWith('warn: '))).toEqual([expect.stringContaining('no websocket')])
})

/** Stays: no further job is queued. */
const FINAL: [string, StandInOptions, Partial<EditorOptions>, code: string, kind: string][] = [
  ['402', on('POST /prompt', reply(402, '{"error":"no credit"}')), {}, 'DDA_ENDPOINT_PAYMENT', 'unavailable'],
  ['404', on('POST /prompt', reply(404, 'Not Found')), {}, 'DDA_ENDPOINT_NOT_FOUND', 'unavailable'],
  ['413', on('POST /upload/image', reply(413, 'too large')), {}, 'DDA_ENDPOINT_REJECTED', 'bad-input'],
  ['a bomb', on('GET /view', picture(makePng({ width: 40, height: 40 }))), {}, 'DDA_IMAGE_TOO_LARGE', 'bad-output'],
  ['an SVG', on('GET /view', picture(Buffer.from('<svg xmlns="x"/>'))), {}, 'DDA_IMAGE_INVALID', 'bad-output'],
  ['an input that is out of range', {}, { params: { '8.inputs.steps': 1 } }, 'DDA_EDITOR_GRAPH', 'bad-input'],
]

test.each(FINAL)('%s is final', async (_name, standIn, options, code, kind) => {
  server = await startStandIn(standIn)
  const context = makeContext()
  const image = await context.images.put(makePng({ width: 32, height: 16 }))
  const seed = code === 'DDA_EDITOR_GRAPH' ? -1 : 1
  const editor = editorAt([server.url], { maxPixels: 1000, identity: 'config', ...options })
  const call = withRole(editor, context, () =>
    editor.edit({ images: [image], plan: 'x', seed }, { signal: context.signal }),
  )
  await expect(call).rejects.toMatchObject({ code, kind, next: expect.stringMatching(/\w/) })
  // Whether an account pays for nothing at all is asked by something made up.
  expect(server.calls['POST /prompt'] ?? 0).toBeLessThanOrEqual(code === 'DDA_ENDPOINT_PAYMENT' ? 2 : 1)
})

test('a server without the custom node or with only a part of the workflow is named as such', async () => {
  const missing = {
    error: {
      type: 'missing_node_type',
      message: "Node 'LayerUtility' not found. The custom node may not be installed.",
      details: "Node ID '#7'",
    },
    node_errors: {},
  }
  const one = await attempt(on('POST /prompt', reply(400, JSON.stringify(missing))))
  expect(one.error).toMatchObject({
    code: 'DDA_EDITOR_GRAPH',
    kind: 'unavailable',
    message: expect.stringMatching(/LayerUtility.*#7/),
  })
  const partly = {
    prompt_id: 'x',
    number: 1,
    node_errors: {
      '2': {
        class_type: 'UNETLoader',
        dependent_outputs: ['10'],
        errors: [{ type: 'value_not_in_list', message: 'Value not in list', details: "unet_name: 'q' not in []" }],
      },
    },
  }
  const two = await attempt(on('POST /prompt', reply(200, JSON.stringify(partly))))
  expect(two.error).toMatchObject({
    code: 'DDA_EDITOR_GRAPH',
    kind: 'unavailable',
    message: expect.stringContaining("node 2 (UNETLoader): Value not in list: unet_name: 'q' not in []"),
  })
  // What was queued all the same is taken back.
  expect(two.calls['POST /queue']).toBe(1)
})

test('a bad key stops, and the key that the server echoes appears nowhere', async () => {
  process.env['WRONG_KEY'] = 'wrong-key-with/special+chars=9876543210'
  const { error, log } = await attempt({ apiKey: 'right' }, { apiKeyEnv: 'WRONG_KEY' })
  expect(error).toMatchObject({ code: 'DDA_ENDPOINT_KEY', kind: 'unavailable' })
  const shown = [String(error), JSON.stringify(error, Object.getOwnPropertyNames(error)), ...log].join('\n')
  expect(shown).toContain('Incorrect key')
  expect(shown).not.toContain('wrong-key')
})

test.each([false, true])('an abort takes jobs out of the queue and stops what runs (old server: %s)', async (old) => {
  const standIn = await startStandIn({ job: () => 'hang', old })
  server = standIn
  const context = makeContext()
  const image = await context.images.put(PNG)
  const controller = new AbortController()
  const editor = editorAt([standIn.url], { perEndpoint: 2 })
  const errors = await withRole(editor, context, async () => {
    const started = standIn.nextStart()
    const calls = [1, 2].map((seed) =>
      editor
        .edit({ images: [image], plan: 'x', seed }, { signal: controller.signal })
        .catch((error: unknown) => error as DdaError),
    )
    await started
    while (standIn.graphs.length < 2) await new Promise((resolve) => setTimeout(resolve, 2))
    // The answer to the second has to arrive: until then nobody knows the id that an old server gave it.
    if (old) while ((standIn.calls['GET /history/{id}'] ?? 0) < 2) await new Promise((r) => setTimeout(r, 2))
    controller.abort(new Error('the run ends'))
    return Promise.all(calls)
  })
  expect(errors.map(String)).toEqual(['Error: the run ends', 'Error: the run ends'])
  expect([standIn.interrupted.length, standIn.deleted.length]).toEqual([1, 1])
})

test("an abort leaves others' jobs alone, also on servers that interrupt whatever runs", async () => {
  server = await startStandIn({ job: () => 'hang', old: true })
  const started = server.nextStart()
  server.addForeignJob()
  await started
  const context = makeContext()
  const image = await context.images.put(PNG)
  const controller = new AbortController()
  const editor = editorAt([server.url])
  await withRole(editor, context, async () => {
    const call = editor.edit({ images: [image], plan: 'x', seed: 1 }, { signal: controller.signal })
    while ((server?.calls['GET /history/{id}'] ?? 0) < 1) await new Promise((resolve) => setTimeout(resolve, 2))
    controller.abort(new Error('the run ends'))
    await expect(call).rejects.toThrow('the run ends')
  })
  expect([server.interrupted.length, server.deleted.length]).toEqual([0, 1])
})
