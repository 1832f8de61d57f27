import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDdaError } from '@dda-thinker/plugin-api'
import { makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterEach, expect, test } from 'vitest'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import { type EditorOptions, openAiEditor } from './index.ts'

const KEY = 'stand-in-key-0123456789'
process.env['STAND_IN_KEY'] = KEY
let server: StandIn | undefined

afterEach(async () => {
  await server?.close()
})

interface Attempt {
  readonly error?: unknown
  readonly calls: number
  readonly log: readonly string[]
}

/** One edit against a server with faults: how it ended and how many calls it took. */
async function attempt(standIn: StandInOptions, options: Partial<EditorOptions> = {}): Promise<Attempt> {
  server = await startStandIn(standIn)
  const started = server
  const log = new MemoryLog()
  const context = makeContext({ log })
  const image = await context.images.put(makePng({ width: 32, height: 16 }))
  const editor = openAiEditor({
    endpoints: [started.url],
    timeoutSeconds: 10,
    retryDelaySeconds: 0.001,
    identity: 'config',
    ...options,
  })
  const error = await withRole(editor, context, (editor) =>
    editor.edit({ images: [image], plan: 'Make it blue', seed: 1 }, { signal: context.signal }),
  ).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { calls: started.count, log: log.lines, ...(error === undefined ? {} : { error }) }
}

type Fault = (request: IncomingMessage, response: ServerResponse) => void

const reply =
  (status: number, body: string, headers: Record<string, string> = {}): Fault =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

function withPicture(bytes: Uint8Array): Fault {
  return reply(200, JSON.stringify({ data: [{ b64_json: Buffer.from(bytes).toString('base64') }] }))
}

const PNG = makePng({ width: 8, height: 8 })
const CORRUPT = PNG.map((byte, i) => (i === 45 ? byte ^ 0xff : byte))
const HUGE = makePng({ width: 40, height: 40 })

const truncate: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"data":[{"b64_')
  setImmediate(() => response.socket?.end())
}

/** Passes by itself: the edit succeeds on a further call. */
const TRANSIENT: [string, Fault, code: string, kind: string][] = [
  ['429 with Retry-After', reply(429, '{}', { 'retry-after': '0.01' }), 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit'],
  ['500', reply(500, '{"detail":"CUDA out of memory"}'), 'DDA_ENDPOINT_SERVER', 'server'],
  ['503', reply(503, '{}'), 'DDA_ENDPOINT_SERVER', 'server'],
  ['a hang', () => {}, 'DDA_ENDPOINT_TIMEOUT', 'timeout'],
  ['a reset', (request) => void request.socket.resetAndDestroy(), 'DDA_ENDPOINT_CONNECTION', 'connection'],
  ['a truncated body', truncate, 'DDA_ENDPOINT_TRUNCATED', 'connection'],
  ['broken JSON', reply(200, '{"data":[{"b64_json":"iVBOR'), 'DDA_ENDPOINT_JSON', 'bad-output'],
  ['a web page', reply(200, '<html>', { 'content-type': 'text/html' }), 'DDA_ENDPOINT_CONTENT_TYPE', 'bad-output'],
  ['a corrupt PNG', withPicture(CORRUPT), 'DDA_IMAGE_INVALID', 'bad-output'],
  ['half a PNG', withPicture(PNG.subarray(0, 60)), 'DDA_IMAGE_INVALID', 'bad-output'],
  ['no picture', reply(200, '{"data":[]}'), 'DDA_EDITOR_EMPTY', 'bad-output'],
  ['no base64', reply(200, '{"data":[{"b64_json":"<svg>"}]}'), 'DDA_IMAGE_ENCODING', 'bad-output'],
]

test.each(TRANSIENT)('%s: masked by its kind, and made good by another call', async (_name, fault, code, kind) => {
  // Long enough for a call to reach the server on a busy machine.
  const timeoutSeconds = kind === 'timeout' ? 1 : 10
  const once = await attempt(
    { intercept: (request, response) => (fault(request, response), true) },
    { attempts: 1, timeoutSeconds },
  )
  expect(once).toMatchObject({ calls: 1, error: { code, kind, next: expect.stringMatching(/\w/) } })
  expect(isDdaError(once.error)).toBe(true)
  await server?.close()
  const again = await attempt(
    { intercept: (request, response, count) => count === 1 && (fault(request, response), true) },
    { timeoutSeconds: kind === 'timeout' ? 2 : 10 },
  )
  expect([again.error, again.calls]).toEqual([undefined, 2])
})

/** Stays: no further call is made. */
const FINAL: [string, Fault, code: string, kind: string][] = [
  ['402', reply(402, '{"error":{"message":"no credit"}}'), 'DDA_ENDPOINT_PAYMENT', 'unavailable'],
  ['a spent quota', reply(429, '{"error":{"code":"insufficient_quota"}}'), 'DDA_ENDPOINT_PAYMENT', 'unavailable'],
  ['404', reply(404, '{"error":{"message":"no such model"}}'), 'DDA_ENDPOINT_NOT_FOUND', 'unavailable'],
  ['422', reply(422, '{"detail":"size is not valid"}'), 'DDA_ENDPOINT_REJECTED', 'bad-input'],
  [
    'a plan too long for vLLM-Omni',
    reply(500, '{"detail":"`prompt` is too long after applying the Qwen prompt template: got 1500 tokens, but ..."}'),
    'DDA_EDITOR_PROMPT',
    'bad-input',
  ],
  [
    'a plan too long for OpenAI',
    reply(400, '{"error":{"message":"Invalid \'prompt\': string too long.","code":"string_above_max_length"}}'),
    'DDA_EDITOR_PROMPT',
    'bad-input',
  ],
  ['a refusal', reply(400, '{"error":{"code":"moderation_blocked"}}'), 'DDA_ENDPOINT_REFUSED', 'refusal'],
  ['a bomb', withPicture(HUGE), 'DDA_IMAGE_TOO_LARGE', 'bad-output'],
  ['an SVG', withPicture(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')), 'DDA_IMAGE_INVALID', 'bad-output'],
  [
    'a picture at an inner address',
    reply(200, '{"data":[{"url":"http://169.254.169.254/latest/meta-data"}]}'),
    'DDA_ENDPOINT_PRIVATE_ADDRESS',
    'bad-output',
  ],
  [
    'a rewritten plan',
    reply(200, JSON.stringify({ data: [{ b64_json: 'AAAA', revised_prompt: 'A nicer picture of a banana' }] })),
    'DDA_EDITOR_REWROTE_PLAN',
    'bad-output',
  ],
]

test.each(FINAL)('%s is final', async (_name, fault, code, kind) => {
  const { error, calls } = await attempt(
    { intercept: (request, response) => (fault(request, response), true) },
    { maxPixels: 1000 },
  )
  expect({ error }).toMatchObject({ error: { code, kind, next: expect.stringMatching(/\w/) } })
  // Whether an account pays for nothing at all is asked by something made up.
  expect(calls).toBe(code === 'DDA_ENDPOINT_PAYMENT' ? 2 : 1)
})

test('401 stops, and the key that the server echoes appears nowhere', async () => {
  process.env['WRONG_KEY'] = 'wrong-key-with/special+chars=9876543210'
  const { error, calls, log } = await attempt({ apiKey: KEY }, { apiKeyEnv: 'WRONG_KEY' })
  expect({ error, calls }).toMatchObject({ calls: 1, error: { code: 'DDA_ENDPOINT_KEY', kind: 'unavailable' } })
  const shown = [String(error), JSON.stringify(error, Object.getOwnPropertyNames(error)), ...log].join('\n')
  expect(shown).toContain('Incorrect API key provided')
  expect(shown).not.toContain('wrong-key')
})

test('a key that is not set is said so, by the name of its variable', async () => {
  await expect(attempt({}, { apiKeyEnv: 'NO_SUCH_VARIABLE_HERE' })).resolves.toMatchObject({
    calls: 0,
    error: { code: 'DDA_ENDPOINT_KEY_MISSING', message: expect.stringContaining('NO_SUCH_VARIABLE_HERE') },
  })
})

test('a server that rewrites plans can be accepted', async () => {
  const answer = { data: [{ b64_json: Buffer.from(PNG).toString('base64'), revised_prompt: 'nicer' }] }
  const fault = reply(200, JSON.stringify(answer))
  const { error } = await attempt(
    { intercept: (request, response) => (fault(request, response), true) },
    { allowRewriting: true },
  )
  expect(error).toBeUndefined()
})

test('an abort while the server works ends the call and its connection', async () => {
  let closed: Promise<unknown> = Promise.resolve()
  const arrival = new EventEmitter()
  const arrived = once(arrival, 'arrived')
  server = await startStandIn({
    intercept: (_request, response) => {
      closed = new Promise((resolve) => response.once('close', resolve))
      arrival.emit('arrived')
      return true
    },
  })
  const context = makeContext()
  const image = await context.images.put(PNG)
  const controller = new AbortController()
  await withRole(openAiEditor({ endpoints: [server.url] }), context, async (editor) => {
    const call = editor.edit({ images: [image], plan: 'x', seed: 1 }, { signal: controller.signal })
    await arrived
    controller.abort(new Error('the run ends'))
    await expect(call).rejects.toThrow('the run ends')
    await closed
  })
})
