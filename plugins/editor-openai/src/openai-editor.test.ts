import type { Editor, EditRequest, ImageStore } from '@dda-thinker/plugin-api'
import { editorSuite, makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import { type EditorOptions, openAiEditor } from './index.ts'

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

async function requests(images: ImageStore): Promise<readonly EditRequest[]> {
  const source = await images.put(makePng({ width: 32, height: 16 }))
  const other = await images.put(makePng({ width: 16, height: 16, pixel: () => [9, 9, 9] }))
  return [
    { images: [source], plan: 'Make the banana brown', seed: 1 },
    { images: [source], plan: 'Add “snow” ❄ to the roof\nand nothing else', seed: 2 },
    { images: [source, other], plan: 'Put the second thing beside the first', seed: 3 },
  ]
}

/** One edit of one picture against a server. */
async function editOnce(
  server: StandIn,
  options: Partial<EditorOptions> = {},
  request: { pictures?: number; plan?: string; log?: MemoryLog } = {},
): ReturnType<Editor['edit']> {
  const { pictures = 1, plan = 'Make it blue', log = new MemoryLog() } = request
  const context = makeContext({ log })
  const image = await context.images.put(makePng({ width: 32, height: 16 }))
  const images = Array.from({ length: pictures }, () => image)
  return withRole(openAiEditor({ endpoints: [server.url], ...options }), context, (editor) =>
    editor.edit({ images, plan, seed: 42 }, { signal: context.signal }),
  )
}

describe.each([
  { style: 'vllm-omni', options: { determinism: 'bitwise', promptLimit: 500 } },
  { style: 'sglang', options: { determinism: 'bitwise', promptLimit: 500 } },
  // No seed, so nothing is repeatable; a limit of characters of its own.
  { style: 'openai', options: { apiKeyEnv: 'STAND_IN_KEY', model: 'gpt-image-1' } },
] as const)('conformance against a server as $style', ({ style, options }) => {
  let servers: readonly StandIn[] = []
  beforeAll(async () => {
    const key = 'apiKeyEnv' in options ? { apiKey: KEY } : {}
    servers = [await startStandIn({ style, ...key }), await startStandIn({ style, ...key })]
  })
  afterAll(async () => {
    for (const server of servers) await server.close()
  })
  editorSuite({
    test,
    factory: () =>
      openAiEditor({
        endpoints: servers.length > 0 ? servers.map(({ url }) => url) : ['http://unused:1', 'http://unused:2'],
        dialect: style,
        perEndpoint: 4,
        ...options,
      }),
    requests,
  })
})

describe('what goes over the wire', () => {
  test('to vLLM-Omni', async () => {
    const server = await standIn()
    await editOnce(server, {
      dialect: 'vllm-omni',
      size: 'source',
      params: { num_inference_steps: 28, true_cfg_scale: 4, negative_prompt: ' ' },
    })
    expect(server.seen[0]).toEqual({
      fields: {
        prompt: 'Make it blue',
        size: '32x16',
        seed: '42',
        n: '1',
        response_format: 'b64_json',
        output_format: 'png',
        num_inference_steps: '28',
        true_cfg_scale: '4',
        negative_prompt: ' ',
      },
      files: [{ name: 'image', filename: 'image-1.png', type: 'image/png' }],
      authorization: undefined,
    })
  })

  test('to SGLang-Diffusion, whose prompt rewriting is off and whose echo of the plan is none', async () => {
    const server = await standIn({ style: 'sglang' })
    const { notes } = await editOnce(server, { dialect: 'sglang' }, { plan: 'Make it\nblue ' })
    expect(server.seen[0]?.fields).toMatchObject({ enhance_prompt: 'false', seed: '42', output_format: 'png' })
    expect(notes).toBeUndefined()
  })

  test('no reserved token of a plan, and its echo without them is the plan', async () => {
    const server = await standIn({ style: 'sglang' })
    const { notes } = await editOnce(server, { dialect: 'sglang' }, { plan: 'Make it <|image_pad|>blue<|im_end|>' })
    expect(server.seen[0]?.fields).toMatchObject({ prompt: 'Make it blue' })
    expect(notes).toBeUndefined()
  })

  test('nothing, of a plan that is reserved tokens only: a server would refuse the empty prompt', async () => {
    const server = await standIn()
    await expect(editOnce(server, {}, { plan: '<|image_pad|> <|im_end|>' })).rejects.toMatchObject({
      code: 'DDA_EDITOR_PROMPT',
    })
    expect(server.count).toBe(0)
  })

  test('to OpenAI: no field it does not know, the key, the tokens it counted and what they cost', async () => {
    const server = await standIn({ style: 'openai', apiKey: KEY, model: 'gpt-image-1' })
    const price = { perEdit: 0.01, inputPerMillionTokens: 10, outputPerMillionTokens: 40 }
    const { cost } = await editOnce(
      server,
      { dialect: 'openai', model: 'gpt-image-1', apiKeyEnv: 'STAND_IN_KEY', params: { quality: 'high' }, price },
      { pictures: 2 },
    )
    expect(server.seen[0]).toEqual({
      fields: { prompt: 'Make it blue', n: '1', model: 'gpt-image-1', output_format: 'png', quality: 'high' },
      files: [1, 2].map((i) => ({ name: 'image[]', filename: `image-${i}.png`, type: 'image/png' })),
      authorization: `Bearer ${KEY}`,
    })
    expect(cost).toMatchObject({ inputTokens: 300, outputTokens: 4000 })
    expect(cost?.money).toBeCloseTo(0.01 + 0.003 + 0.16)
  })

  test('with other names for fields', async () => {
    const server = await standIn()
    await editOnce(server, {
      imageField: 'image[]',
      params: { num_inference_steps: 8, response_format: null },
      rename: { num_inference_steps: 'steps', seed: 'noise_seed' },
    })
    const { fields, files } = server.seen[0] ?? {}
    expect(fields).toEqual({ prompt: 'Make it blue', n: '1', noise_seed: '42', output_format: 'png', steps: '8' })
    expect(files?.[0]?.name).toBe('image[]')
  })
})

test('fetches a picture that comes as a URL of the same server, with the key', async () => {
  const server = await standIn({ style: 'sglang', apiKey: KEY })
  const params = { response_format: 'url' }
  const { bytes } = await editOnce(server, { dialect: 'sglang', params, apiKeyEnv: 'STAND_IN_KEY' })
  expect(Buffer.from(bytes).toString('latin1', 1, 4)).toBe('PNG')
})

test('spreads edits over its endpoints', async () => {
  const servers = [await standIn(), await standIn()]
  const context = makeContext()
  const list = await requests(context.images)
  await withRole(
    openAiEditor({ endpoints: servers.map(({ url }) => url), perEndpoint: 1 }),
    context,
    async (editor) => {
      expect(editor.supports.concurrency).toBe(2)
      await Promise.all([...list, ...list].map((request) => editor.edit(request, { signal: context.signal })))
    },
  )
  expect(servers.map(({ count }) => count)).toEqual([3, 3])
})

/** The fingerprint once the server has been asked. */
async function fingerprintOf(options: Partial<EditorOptions>, server: StandIn): Promise<string> {
  const editor = openAiEditor({ endpoints: [server.url], ...options })
  return withRole(editor, makeContext(), async () => editor.fingerprint)
}

describe('fingerprint', () => {
  test('holds what the server serves and every parameter, but neither place nor time', async () => {
    const [one, same, other] = [await standIn(), await standIn(), await standIn({ model: 'qwen-image-edit' })]
    const base = await fingerprintOf({ dialect: 'vllm-omni' }, one)
    expect(base).toContain('root=/models/stand-in')
    expect(base).not.toMatch(/127\.0\.0\.1|17\d{8}/)
    expect(await fingerprintOf({ dialect: 'vllm-omni', attempts: 1, timeoutSeconds: 5 }, same)).toBe(base)
    const changed: [Partial<EditorOptions>, StandIn][] = [
      [{ dialect: 'vllm-omni' }, other],
      [{ dialect: 'vllm-omni', params: { num_inference_steps: 8 } }, one],
      [{ dialect: 'vllm-omni', size: 'auto' }, one],
      [{ dialect: 'sglang' }, one],
      [{ dialect: 'vllm-omni', identity: 'config' }, one],
    ]
    for (const [options, server] of changed) expect(await fingerprintOf(options, server)).not.toBe(base)
    const a = await fingerprintOf({ params: { x: 1, y: 2 } }, one)
    expect(await fingerprintOf({ params: { y: 2, x: 1 } }, one)).toBe(a)
  })

  test('is of the configured model alone where a server lists many', async () => {
    const server = await standIn({ style: 'openai', model: 'gpt-image-1' })
    const fingerprint = await fingerprintOf({ dialect: 'openai', model: 'gpt-image-1' }, server)
    expect(fingerprint).toContain('id=gpt-image-1')
    expect(fingerprint).not.toContain('another')
  })

  test('replicas that serve different models are refused', async () => {
    const servers = [await standIn(), await standIn({ model: 'another' })]
    const editor = openAiEditor({ endpoints: servers.map(({ url }) => url) })
    await expect(editor.open?.(makeContext())).rejects.toMatchObject({ code: 'DDA_ENDPOINT_MODELS_DIFFER' })
  })

  test('a server that is away is said so on opening, unless the config alone identifies it', async () => {
    const endpoints = ['http://127.0.0.1:1/v1']
    await expect(openAiEditor({ endpoints }).open?.(makeContext())).rejects.toMatchObject({ kind: 'connection' })
    await withRole(openAiEditor({ endpoints, identity: 'config' }), makeContext(), async () => {})
  })
})

test('promises repeatability only where a seed is sent', () => {
  const endpoints = ['http://gpu-1/v1']
  expect(openAiEditor({ endpoints }).supports.determinism).toBe('visual')
  expect(openAiEditor({ endpoints, seed: false }).supports.determinism).toBe('none')
  expect(openAiEditor({ endpoints, dialect: 'openai' }).supports).toMatchObject({
    determinism: 'none',
    promptLimit: 32_000,
    maxImages: 16,
  })
})
