import type { EditRequest, EditResult, ImageStore } from '@dda-thinker/plugin-api'
import { editorSuite, makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import { editHttpEditor, type EditorOptions } from './index.ts'

const model = 'stand-in'
const running: StandIn[] = []

async function standIn(options: StandInOptions = {}): Promise<StandIn> {
  const server = await startStandIn(options)
  running.push(server)
  return server
}
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function requests(images: ImageStore): Promise<readonly EditRequest[]> {
  const source = await images.put(makePng({ width: 32, height: 16 }))
  return [
    { images: [source], plan: 'Make the banana brown', seed: 1 },
    { images: [source], plan: 'Add “snow” ❄ to the roof\nand nothing else', seed: 2 },
  ]
}

async function editOnce(server: StandIn, options: Partial<EditorOptions> = {}): Promise<EditResult> {
  const context = makeContext()
  const image = await context.images.put(makePng({ width: 32, height: 16 }))
  return withRole(editHttpEditor({ endpoints: [server.url], model, ...options }), context, (editor) =>
    editor.edit({ images: [image], plan: 'Make it blue', seed: 42 }, { signal: context.signal }),
  )
}

describe('conformance', () => {
  let servers: readonly StandIn[] = []
  beforeAll(async () => {
    servers = [await startStandIn(), await startStandIn()]
  })
  afterAll(async () => {
    for (const server of servers) await server.close()
  })
  editorSuite({
    test,
    factory: () =>
      editHttpEditor({
        endpoints: servers.length > 0 ? servers.map(({ url }) => url) : ['http://unused:1', 'http://unused:2'],
        model,
        determinism: 'bitwise',
        perEndpoint: 4,
        promptLimit: 500,
      }),
    requests,
  })
})

test('sends picture, plan and seed under the fields of the servers, and has prompts left alone', async () => {
  const server = await standIn()
  await editOnce(server, { params: { num_inference_steps: 28, guidance_scale: 2.5, negative_prompt: ' ' } })
  const { image, ...fields } = server.seen[0] ?? {}
  expect(Buffer.from(String(image), 'base64').toString('latin1', 1, 4)).toBe('PNG')
  expect(fields).toEqual({
    prompt: 'Make it blue',
    seed: 42,
    enhance_prompt: false,
    num_inference_steps: 28,
    guidance_scale: 2.5,
    negative_prompt: ' ',
  })
})

test('sends other names where the config says so', async () => {
  const server = await standIn()
  await editOnce(server, { params: { num_inference_steps: 28 }, rename: { num_inference_steps: 'steps' } })
  expect(Object.keys(server.seen[0] ?? {}).toSorted()).toEqual(['enhance_prompt', 'image', 'prompt', 'seed', 'steps'])
})

test('refuses a result of a rewritten plan, unless that is accepted', async () => {
  const server = await standIn()
  const params = { enhance_prompt: null }
  await expect(editOnce(server, { params })).rejects.toMatchObject({
    code: 'DDA_EDITOR_REWROTE_PLAN',
    kind: 'bad-output',
  })
  expect((await editOnce(server, { params, allowRewriting: true })).bytes.length).toBeGreaterThan(0)
})

test('refuses a result under another seed, where repeatability was promised', async () => {
  const server = await standIn()
  const rename = { seed: 'noise' }
  await expect(editOnce(server, { rename })).rejects.toMatchObject({ code: 'DDA_EDITOR_SEED', kind: 'bad-output' })
  expect((await editOnce(server, { rename, determinism: 'none' })).bytes.length).toBeGreaterThan(0)
})

function open(urls: string[], log: MemoryLog, options: Partial<EditorOptions> = {}): Promise<void> {
  return withRole(editHttpEditor({ endpoints: urls, model, ...options }), makeContext({ log }), async () => {})
}

function fingerprintOf(options: Partial<EditorOptions>): string {
  return editHttpEditor({ endpoints: ['http://gpu-1:8003'], model, ...options }).fingerprint
}

describe('health', () => {
  test('one endpoint must be ready, others are named', async () => {
    const [up, down] = [await standIn(), await standIn({ ready: () => false })]
    const log = new MemoryLog()
    await open([up.url, down.url], log)
    expect(log.lines.join()).toContain(down.url)
    await expect(open([down.url], log)).rejects.toMatchObject({ code: 'DDA_EDITOR_NOT_READY' })
    await expect(open(['http://127.0.0.1:1'], log)).rejects.toMatchObject({ code: 'DDA_ENDPOINT_CONNECTION' })
    await open(['http://127.0.0.1:1'], log, { health: false })
  })

  test('a failing endpoint is asked for its health before it gets work again', async () => {
    let broken = true
    const server = await standIn({
      ready: () => !broken,
      intercept: (_request, response) => broken && (response.writeHead(503).end(), true),
    })
    broken = false
    const context = makeContext()
    const [request] = await requests(context.images)
    const options = { endpoints: [server.url], model, attempts: 20, retryDelaySeconds: 0.001 }
    await withRole(editHttpEditor(options), context, async (editor) => {
      broken = true
      const call = editor.edit(request as EditRequest, { signal: context.signal })
      // Five failures open the breaker; from then on only /health is asked.
      while (server.healthCount < 2) await new Promise((resolve) => setTimeout(resolve, 20))
      expect(server.count).toBe(5)
      broken = false
      await call
      expect(server.count).toBe(6)
    })
  })
})

test('the fingerprint holds model and parameters, but no place', () => {
  expect(fingerprintOf({})).not.toContain('gpu-1')
  expect(fingerprintOf({ endpoints: ['http://gpu-2:8003'], attempts: 1 })).toBe(fingerprintOf({}))
  for (const other of [{ model: 'b' }, { params: { steps: 2 } }, { path: 'v2/edit' }, { rename: { seed: 's' } }]) {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf({}))
  }
})
