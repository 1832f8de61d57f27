import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterEach, expect, test } from 'vitest'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import { editHttpEditor, type EditorOptions } from './index.ts'

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
  const given = { model: 'stand-in', timeoutSeconds: 10, retryDelaySeconds: 0.001, health: false, ...options }
  const editor = editHttpEditor({ endpoints: [started.url], ...given })
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
  (status: number, body: unknown, headers: Record<string, string> = {}): Fault =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))

function withPicture(bytes: Uint8Array): Fault {
  return reply(200, { success: true, edited_image: Buffer.from(bytes).toString('base64'), error: null })
}

const PNG = makePng({ width: 8, height: 8 })
const truncate: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"success":true,')
  setImmediate(() => response.socket?.end())
}

const TRANSIENT: [string, Fault, code: string, kind: string][] = [
  ['429 with Retry-After', reply(429, '{}', { 'retry-after': '0.01' }), 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit'],
  ['500', reply(500, { detail: '图像编辑失败: CUDA out of memory' }), 'DDA_ENDPOINT_SERVER', 'server'],
  ['a full queue', reply(500, { detail: '图像编辑失败: 任务队列已满' }), 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit'],
  ['a time-out of the queue', reply(500, { detail: '图像编辑失败: 任务超时' }), 'DDA_ENDPOINT_TIMEOUT', 'timeout'],
  ['503 while the model loads', reply(503, { detail: 'GPU管理器未初始化' }), 'DDA_ENDPOINT_SERVER', 'server'],
  ['success: false', reply(200, { success: false, error: 'worker died' }), 'DDA_ENDPOINT_SERVER', 'server'],
  ['a hang', () => {}, 'DDA_ENDPOINT_TIMEOUT', 'timeout'],
  ['a reset', (request) => void request.socket.resetAndDestroy(), 'DDA_ENDPOINT_CONNECTION', 'connection'],
  ['a truncated body', truncate, 'DDA_ENDPOINT_TRUNCATED', 'connection'],
  ['a web page', reply(200, '<html>', { 'content-type': 'text/html' }), 'DDA_ENDPOINT_CONTENT_TYPE', 'bad-output'],
  [
    'a corrupt PNG',
    withPicture(PNG.map((byte, i) => (i === 45 ? byte ^ 255 : byte))),
    'DDA_IMAGE_INVALID',
    'bad-output',
  ],
  ['no picture', reply(200, { success: true, edited_image: null }), 'DDA_EDITOR_EMPTY', 'bad-output'],
]

test.each(TRANSIENT)('%s: masked by its kind, and made good by another call', async (_name, fault, code, kind) => {
  const once = await attempt(
    { intercept: (request, response) => (fault(request, response), true) },
    // Long enough for a call to reach the server on a busy machine.
    { attempts: 1, timeoutSeconds: kind === 'timeout' ? 1 : 10 },
  )
  expect(once).toMatchObject({ calls: 1, error: { code, kind, next: expect.stringMatching(/\w/) } })
  await server?.close()
  const again = await attempt(
    { intercept: (request, response, count) => count === 1 && (fault(request, response), true) },
    { timeoutSeconds: kind === 'timeout' ? 2 : 10 },
  )
  expect([again.error, again.calls]).toEqual([undefined, 2])
})

const FINAL: [string, Fault, code: string, kind: string][] = [
  ['402', reply(402, {}), 'DDA_ENDPOINT_PAYMENT', 'unavailable'],
  ['404', reply(404, { detail: 'Not Found' }), 'DDA_ENDPOINT_NOT_FOUND', 'unavailable'],
  ['422', reply(422, { detail: [{ msg: 'less than 7.5' }] }), 'DDA_ENDPOINT_REJECTED', 'bad-input'],
  ['a bomb', withPicture(makePng({ width: 40, height: 40 })), 'DDA_IMAGE_TOO_LARGE', 'bad-output'],
  ['an SVG', withPicture(Buffer.from('<svg onload="x"/>')), 'DDA_IMAGE_INVALID', 'bad-output'],
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
  const { error, calls, log } = await attempt({ apiKey: 'right' }, { apiKeyEnv: 'WRONG_KEY' })
  expect({ error, calls }).toMatchObject({ calls: 1, error: { code: 'DDA_ENDPOINT_KEY', kind: 'unavailable' } })
  const shown = [String(error), JSON.stringify(error, Object.getOwnPropertyNames(error)), ...log].join('\n')
  expect(shown).toContain('Invalid token')
  expect(shown).not.toContain('wrong-key')
})

test('a sample that is refused with all its plans masks them and no more; the third sample that is refused stops the run', async () => {
  server = await startStandIn({
    intercept: (request, response) => (reply(422, { detail: 'no' })(request, response), true),
  })
  const { url } = server
  const context = makeContext()
  const image = await context.images.put(makePng({ width: 32, height: 16 }))
  const editor = editHttpEditor({ endpoints: [url], model: 'stand-in', health: false })
  const codes = await withRole(editor, context, async (editor) => {
    const ends: unknown[] = []
    for (const seed of [1, 1, 1, 1, 1, 2, 2, 3]) {
      const request = { images: [image], plan: `plan ${ends.length}`, seed }
      ends.push(await editor.edit(request, { signal: context.signal }).catch(codeOf))
    }
    return ends
  })
  const masked = Array.from({ length: 7 }, () => 'DDA_ENDPOINT_REJECTED')
  expect(codes).toEqual([...masked, 'DDA_ENDPOINT_REFUSES'])
})

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code
}
