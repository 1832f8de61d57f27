import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EditRequest, EditResult, ImageStore } from '@dda-thinker/plugin-api'
import { editorSuite, makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from './stand-in-nodes.ts'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import type { EditorOptions } from './index.ts'
import { editorAt, SLOTS, WORKFLOW } from './workflow.fixture.ts'

const KEY = 'stand-in-key-0123456789'
process.env['STAND_IN_KEY'] = KEY
const running: StandIn[] = []

async function standIn(options: StandInOptions = {}): Promise<StandIn> {
  const server = await startStandIn(options)
  running.push(server)
  return server
}
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

const PNG = makePng({ width: 32, height: 16 })

async function requests(images: ImageStore): Promise<readonly EditRequest[]> {
  const source = await images.put(PNG)
  const other = await images.put(makePng({ width: 16, height: 16, pixel: () => [9, 9, 9] }))
  return [
    { images: [source], plan: 'Make the banana brown', seed: 1 },
    { images: [source], plan: 'Add “snow” ❄ to the roof\nand nothing else', seed: 2 },
    { images: [other], plan: 'Make the banana brown', seed: 1 },
  ]
}

/** Edits, one after another, of one picture through one Editor. */
async function editWith(
  server: StandIn,
  options: Partial<EditorOptions> = {},
  edits: { readonly count?: number; readonly pictures?: number; readonly log?: MemoryLog } = {},
): Promise<readonly EditResult[]> {
  const { count = 1, pictures = 1, log = new MemoryLog() } = edits
  const context = makeContext({ log })
  const image = await context.images.put(PNG)
  const images = Array.from({ length: pictures }, () => image)
  return withRole(editorAt([server.url], options), context, async (editor) => {
    const results: EditResult[] = []
    for (let seed = 42; seed < 42 + count; seed++) {
      results.push(await editor.edit({ images, plan: 'Make it blue', seed }, { signal: context.signal }))
    }
    return results
  })
}

describe.each(['websocket', 'poll'] as const)('conformance, told by %s', (wait) => {
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
      editorAt(servers.length > 0 ? servers.map(({ url }) => url) : ['http://unused:1', 'http://unused:2'], {
        wait,
        determinism: 'bitwise',
        promptLimit: 500,
      }),
    requests,
  })
})

describe('what goes over the wire', () => {
  test('the workflow with plan, seed, picture and params in their places, and nothing else changed', async () => {
    const server = await standIn()
    await editWith(server, { params: { '8.inputs.steps': 8 } })
    const [graph] = server.graphs as [Graph]
    expect(graph['5']?.inputs).toMatchObject({ prompt: 'Make it blue', clip: ['3', 0] })
    expect(graph['6']?.inputs['prompt']).toBe('')
    expect(graph['8']?.inputs).toMatchObject({ seed: 42, steps: 8, cfg: 2.5, sampler_name: 'euler' })
    expect(graph['1']?.inputs['image']).toMatch(/^dda-thinker\/[0-9a-f]{64}\.png$/)
    expect(Object.keys(graph)).toHaveLength(10)
    expect(graph['1']).not.toHaveProperty('_meta')
  })

  test('a picture goes up once, and again where the server has lost it', async () => {
    const server = await standIn()
    const context = makeContext()
    const image = await context.images.put(PNG)
    await withRole(editorAt([server.url]), context, async (editor) => {
      const edit = (): Promise<EditResult> =>
        editor.edit({ images: [image], plan: 'x', seed: 1 }, { signal: context.signal })
      const first = await edit()
      expect(await edit()).toEqual(first)
      expect(server.calls['POST /upload/image']).toBe(1)
      server.clearInputs()
      expect(await edit()).toEqual(first)
      expect(server.calls['POST /upload/image']).toBe(2)
    })
  })

  test('one websocket for all jobs, and no polling while it tells', async () => {
    const server = await standIn()
    await editWith(server, { pollSeconds: 100 }, { count: 5 })
    expect(server.calls['GET /ws']).toBe(1)
    expect(server.calls['GET /history/{id}']).toBeLessThanOrEqual(15)
  })

  test('no websocket where polling is chosen', async () => {
    const server = await standIn()
    await editWith(server, { wait: 'poll' })
    expect(server.calls).not.toHaveProperty('GET /ws')
  })

  test('the key goes with every call, the websocket included; and the /api prefix works', async () => {
    const server = await standIn({ apiKey: KEY })
    const log = new MemoryLog()
    const context = makeContext({ log })
    const image = await context.images.put(PNG)
    await withRole(editorAt([`${server.url}/api`], { apiKeyEnv: 'STAND_IN_KEY' }), context, (editor) =>
      editor.edit({ images: [image], plan: 'x', seed: 1 }, { signal: context.signal }),
    )
    expect(server.calls['GET /ws']).toBe(1)
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([])
  })

  test('an old server that chooses prompt ids itself', async () => {
    const server = await standIn({ old: true })
    expect(await editWith(server)).toHaveLength(1)
  })

  test('width and height of the source', async () => {
    const server = await standIn()
    const folder = await mkdtemp(join(tmpdir(), 'comfy-'))
    const workflow = join(folder, 'sized.json')
    const base = await exampleGraph()
    const sized = { class_type: 'EmptyLatentImage', inputs: { width: 1024, height: 1024, batch_size: 1 } }
    await writeFile(workflow, JSON.stringify({ ...base, '7': sized }))
    const [result] = await editWith(server, {
      workflow,
      slots: { ...SLOTS, width: '7.inputs.width', height: '7.inputs.height' },
    })
    const bytes = Buffer.from(result?.bytes ?? [])
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([32, 16])
    await rm(folder, { recursive: true })
  })

  test('two pictures into two slots, and no fewer', async () => {
    const server = await standIn()
    const folder = await mkdtemp(join(tmpdir(), 'comfy-'))
    const workflow = join(folder, 'two.json')
    const base = await exampleGraph()
    const two = {
      ...base,
      '11': { class_type: 'LoadImage', inputs: { image: 'example.png' } },
      '12': { class_type: 'ImageStitch', inputs: { image1: ['1', 0], image2: ['11', 0] } },
      '7': { class_type: 'VAEEncode', inputs: { pixels: ['12', 0], vae: ['4', 0] } },
    }
    await writeFile(workflow, JSON.stringify(two))
    const slots = { ...SLOTS, image: ['1.inputs.image', '11.inputs.image'] }
    await editWith(server, { workflow, slots }, { pictures: 2 })
    expect(server.graphs[0]?.['11']?.inputs['image']).toMatch(/^dda-thinker\//)
    const { minImages, maxImages } = editorAt([server.url], { workflow, slots }).supports
    expect([minImages, maxImages]).toEqual([2, 2])
    await rm(folder, { recursive: true })
  })
})

async function exampleGraph(): Promise<Graph> {
  return JSON.parse(await readFile(WORKFLOW, 'utf8')) as Graph
}

test('the plan that ComfyUI writes into its files is not in the result', async () => {
  const server = await standIn()
  const [result] = await editWith(server)
  const bytes = Buffer.from(result?.bytes ?? [])
  expect(bytes.toString('latin1')).not.toMatch(/Make it blue|tEXt/)
  // The picture itself is whole: the testkit's own reader and the guard of the sources take it.
  const context = makeContext()
  expect(await context.images.put(bytes)).toMatchObject({ width: 64, height: 48 })
})

test('spreads edits over its servers', async () => {
  const servers = [await standIn(), await standIn()]
  const context = makeContext()
  const image = await context.images.put(PNG)
  const urls = servers.map(({ url }) => url)
  await withRole(editorAt(urls, { perEndpoint: 1 }), context, async (editor) => {
    expect(editor.supports.concurrency).toBe(2)
    const seeds = [1, 2, 3, 4, 5, 6]
    await Promise.all(
      seeds.map((seed) => editor.edit({ images: [image], plan: 'x', seed }, { signal: context.signal })),
    )
  })
  expect(servers.map(({ graphs }) => graphs.length)).toEqual([3, 3])
})

test('adds nothing to a queue that is full', async () => {
  const server = await standIn({ job: (count) => (count === 1 ? 'hang' : undefined) })
  const context = makeContext()
  const image = await context.images.put(PNG)
  const started = server.nextStart()
  server.addForeignJob()
  await started
  await withRole(editorAt([server.url], { queueLimit: 1 }), context, async (editor) => {
    const call = editor.edit({ images: [image], plan: 'x', seed: 1 }, { signal: context.signal })
    while ((server.calls['GET /prompt'] ?? 0) < 3) await new Promise((resolve) => setTimeout(resolve, 2))
    expect(server.calls['POST /prompt']).toBeUndefined()
    await fetch(`${server.url}/interrupt`, { method: 'POST', body: '{}' })
    await call
  })
})

/** The fingerprint once the server has been asked. */
async function fingerprintOf(options: Partial<EditorOptions>, server: StandIn): Promise<string> {
  const editor = editorAt([server.url], options)
  return withRole(editor, makeContext(), async () => editor.fingerprint)
}

describe('fingerprint', () => {
  test('holds workflow, slots, params and versions, but neither place nor time', async () => {
    const [one, same, other] = [await standIn(), await standIn(), await standIn({ version: '0.3.61' })]
    const base = await fingerprintOf({}, one)
    expect(base).toContain('comfyui_version=0.3.60,pytorch_version=2.8.0+cu128')
    expect(base).not.toMatch(/127\.0\.0\.1/)
    expect(await fingerprintOf({ attempts: 1, wait: 'poll', timeoutSeconds: 5 }, same)).toBe(base)
    const changed: [Partial<EditorOptions>, StandIn][] = [
      [{}, other],
      [{ params: { '8.inputs.steps': 8 } }, one],
      [{ slots: { image: SLOTS.image, prompt: SLOTS.prompt } }, one],
      [{ output: '10' }, one],
      [{ revision: 'of May' }, one],
      [{ identity: 'config' }, one],
    ]
    for (const [options, server] of changed) expect(await fingerprintOf(options, server)).not.toBe(base)
    const a = await fingerprintOf({ params: { '8.inputs.steps': 8, '8.inputs.cfg': 1 } }, one)
    expect(await fingerprintOf({ params: { '8.inputs.cfg': 1, '8.inputs.steps': 8 } }, one)).toBe(a)
  })

  test('servers of different versions are refused', async () => {
    const servers = [await standIn(), await standIn({ version: '0.3.61' })]
    const editor = editorAt(servers.map(({ url }) => url))
    await expect(editor.open(makeContext())).rejects.toMatchObject({ code: 'DDA_ENDPOINT_MODELS_DIFFER' })
  })

  test('a server that is away is said so on opening, unless the config alone identifies it', async () => {
    const endpoints = ['http://127.0.0.1:1']
    await expect(editorAt(endpoints).open(makeContext())).rejects.toMatchObject({ kind: 'connection' })
    await withRole(editorAt(endpoints, { identity: 'config' }), makeContext(), async () => {})
  })
})

test('promises repeatability only where a seed is set', () => {
  const slots = { image: SLOTS.image, prompt: SLOTS.prompt }
  expect(editorAt(['http://gpu-1']).supports.determinism).toBe('visual')
  expect(editorAt(['http://gpu-1'], { slots }).supports.determinism).toBe('none')
  expect(editorAt(['http://gpu-1'], { slots, determinism: 'bitwise' }).supports.determinism).toBe('bitwise')
})
