import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { editorSuite, makeContext, makePng, testPluginOptions } from '@dda-thinker/testkit'
import type { ServiceCall } from '@dda-thinker/plugin-api'
import { afterAll, expect, test } from 'vitest'
import { aiSdkEditor, editor as plugin, type EditorOptions } from './index.ts'
import { modelFetch } from './model-fetch.ts'
import { KEY, providersAt, startWire, type WireOptions } from './wire.fixture.ts'

const FROM = import.meta.url
const suiteServer = await startWire()
afterAll(() => suiteServer.close())

editorSuite({
  test,
  factory: () => aiSdkEditor({ ...providersAt(suiteServer.url).openai, maxImages: 4 }, FROM),
  requests: async (images) => {
    const picture = await images.put(makePng({ width: 16, height: 12 }))
    return [
      { images: [picture], plan: 'Let the banana rot.', seed: 1 },
      { images: [picture, picture], plan: 'Put both on one table.', seed: 2 },
    ]
  },
})

async function edit(server: WireOptions, options: Partial<EditorOptions> = {}, plan = 'Let the banana rot.') {
  const wire = await startWire(server)
  const warnings: string[] = []
  const calls: ServiceCall[] = []
  const quiet = (): void => undefined
  const log = { debug: quiet, info: quiet, warn: (line: string) => void warnings.push(line) }
  const context = { ...makeContext({ log }), meter: (call: ServiceCall) => void calls.push(call) }
  const editor = aiSdkEditor({ ...providersAt(wire.url).openai, ...options }, FROM)
  const image = await context.images.put(makePng({ width: 16, height: 12 }))
  try {
    await editor.open?.(context)
    const outcome = await editor
      .edit({ images: [image], plan, seed: 7 }, { signal: context.signal })
      .then((result) => ({ result, error: undefined }))
      .catch((error: unknown) => ({ result: undefined, error: error as Error & { code?: string; kind?: string } }))
    return { ...outcome, seen: wire.seen, warnings, calls }
  } finally {
    await editor.close?.()
    await wire.close()
  }
}

const fails = (status: number, body: unknown, headers = {}): WireOptions => ({
  intercept: (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    return true
  },
})

test('sends plan and picture in the form of the provider, with the key, and bills what was used', async () => {
  const { result, seen, warnings, calls } = await edit(
    {},
    {
      price: { perCall: 0, inputPerMillionTokens: 0, outputPerMillionTokens: 40 },
    },
  )
  expect(result?.bytes.length).toBeGreaterThan(0)
  expect(seen[0]).toMatchObject({
    path: '/v1/images/edits',
    fields: { model: 'stand-in', prompt: 'Let the banana rot.' },
  })
  expect(seen[0]?.files.map(({ type }) => type)).toEqual(['image/png'])
  expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  expect(calls).toMatchObject([{ cost: { inputTokens: 300, outputTokens: 4000, money: 0.16 } }])
  // OpenAI takes no seed; that is said once and not kept quiet.
  expect(warnings.join()).toMatch(/seed/)
})

test.each([
  [401, { error: { message: `bad key ${KEY}` } }, 'DDA_ENDPOINT_KEY', 'unavailable', 1],
  // Whether the account pays for nothing at all is asked by something made up.
  [402, { error: { message: 'pay' } }, 'DDA_ENDPOINT_PAYMENT', 'unavailable', 2],
  [429, { error: { message: 'spent', code: 'insufficient_quota' } }, 'DDA_ENDPOINT_PAYMENT', 'unavailable', 2],
  [429, { error: { message: 'slow down' } }, 'DDA_ENDPOINT_RATE_LIMIT', 'rate-limit', 3],
  [400, { error: { message: 'no', code: 'moderation_blocked' } }, 'DDA_ENDPOINT_REFUSED', 'refusal', 1],
  [400, { error: { message: 'bad size' } }, 'DDA_ENDPOINT_REJECTED', 'bad-input', 1],
  [500, { error: { message: 'boom' } }, 'DDA_ENDPOINT_SERVER', 'server', 3],
  [200, { data: [] }, 'DDA_EDITOR_EMPTY', 'bad-output', 2],
  [200, { wrong: 1 }, 'DDA_ENDPOINT_JSON', 'bad-output', 2],
])('%i %j is %s, and only our own pool tries again', async (status, body, code, kind, calls) => {
  const { error, seen } = await edit(fails(status, body), { attempts: 3, giveUpSeconds: 0 })
  expect(error).toMatchObject({ code, kind })
  expect(error?.message).not.toContain(KEY)
  expect(seen).toHaveLength(calls)
})

test('what is no picture, and a picture that is too large, do not pass', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64')
  expect((await edit(fails(200, { data: [{ b64_json: svg }] }), { attempts: 1 })).error?.code).toBe('DDA_IMAGE_INVALID')
  expect((await edit({}, { maxPixels: 10 })).error?.code).toBe('DDA_IMAGE_TOO_LARGE')
})

/** A provider package of the project whose model says with each picture what `said` holds. */
async function sayingProvider(
  said: object,
): Promise<{ readonly from: string; readonly given: Partial<EditorOptions> }> {
  const folder = await mkdtemp(join(tmpdir(), 'dda-ai-sdk-'))
  const module = join(folder, 'node_modules/saying')
  await mkdir(module, { recursive: true })
  await writeFile(
    join(module, 'package.json'),
    JSON.stringify({ name: 'saying', version: '3.0.0', type: 'module', exports: './saying.js' }),
  )
  const picture = Buffer.from(makePng({ width: 16, height: 12 })).toString('base64')
  await writeFile(
    join(module, 'saying.js'),
    `export const createSaying = () => ({ imageModel: (modelId) => ({
      specificationVersion: 'v3', provider: 'saying', modelId, maxImagesPerCall: 1,
      doGenerate: async () => ({
        images: [${JSON.stringify(picture)}], warnings: [],
        response: { timestamp: new Date(0), modelId, headers: undefined }, ...${JSON.stringify(said)},
      }),
    }) })`,
  )
  return { from: pathToFileURL(join(folder, 'package.json')).href, given: { provider: 'saying', model: 'any' } }
}

async function editBySaying(said: object, options: Partial<EditorOptions> = {}) {
  const { from, given } = await sayingProvider(said)
  const editor = aiSdkEditor({ provider: 'saying', model: 'any', ...given, ...options }, from)
  const context = makeContext()
  const image = await context.images.put(makePng({ width: 16, height: 12 }))
  try {
    await editor.open?.(context)
    return await editor.edit({ images: [image], plan: 'Let the banana rot.', seed: 7 }, { signal: context.signal })
  } catch (error) {
    return error
  } finally {
    await editor.close?.()
  }
}

test.each(['files', 'image', 'prompt.images'])(
  'a model that only warns that it left out %s stops the run',
  async (feature) => {
    const warnings = [{ type: 'unsupported', feature, details: 'It makes pictures from text alone.' }]
    expect(await editBySaying({ warnings })).toMatchObject({
      code: 'DDA_AI_SDK_IGNORED',
      kind: 'unavailable',
      stopsRun: true,
      message: expect.stringContaining('It makes pictures from text alone.') as string,
    })
    const other = [{ type: 'unsupported', feature: 'seed' }]
    expect(await editBySaying({ warnings: other })).toHaveProperty('bytes')
  },
)

test('a picture made from another text than the plan does not count as an edit by it', async () => {
  const made = (revisedPrompt: string) => ({ providerMetadata: { saying: { images: [{ revisedPrompt }] } } })
  const rewritten = made('A ripe banana in warm light.')
  expect(await editBySaying(rewritten)).toMatchObject({ code: 'DDA_EDITOR_REWROTE_PLAN', kind: 'bad-output' })
  expect(await editBySaying(rewritten, { allowRewriting: true })).toHaveProperty('bytes')
  expect(await editBySaying(made('Let the banana rot.'))).toHaveProperty('bytes')
})

test('a silent service is a time-out', async () => {
  const silent: WireOptions = { intercept: () => true }
  expect((await edit(silent, { timeoutSeconds: 0.2, attempts: 1 })).error).toMatchObject({
    code: 'DDA_ENDPOINT_TIMEOUT',
    kind: 'timeout',
  })
})

test('a provider that is not there, makes no pictures, or has no key, says so', async () => {
  const open = async (given: Partial<EditorOptions>) => {
    const editor = aiSdkEditor({ ...providersAt('http://127.0.0.1:1').openai, ...given }, FROM)
    const context = makeContext()
    try {
      return await editor.open?.(context)
    } catch (error) {
      return error
    } finally {
      await editor.close?.()
    }
  }
  expect(await open({ provider: '@ai-sdk/nobody' })).toMatchObject({
    code: 'DDA_AI_SDK_PROVIDER',
    next: expect.stringContaining('npm install @ai-sdk/nobody@^3') as string,
  })
  expect(await open({ provider: '@ai-sdk/anthropic' })).toMatchObject({ code: 'DDA_AI_SDK_MODEL' })
  expect(await open({ create: 'createNothing' })).toMatchObject({ code: 'DDA_AI_SDK_PROVIDER' })
  expect(await open({ method: 'dream' })).toMatchObject({ code: 'DDA_AI_SDK_PROVIDER' })
  expect(await open({ apiKeyEnv: 'DDA_TEST_NO_SUCH_KEY' })).toMatchObject({ code: 'DDA_ENDPOINT_KEY_MISSING' })
})

test('private addresses but those of the config are not asked', async () => {
  const wire = await startWire()
  const ask = async (allowedOrigins: readonly string[]) => {
    const given = { provider: 'p', model: 'm', timeoutSeconds: 9, options: {}, allowedOrigins: [...allowedOrigins] }
    const network = modelFetch({ ...given, providerOptions: {} } as unknown as EditorOptions, 1000)
    const headers = { 'content-type': 'application/json' }
    try {
      return (await network.fetch(`${wire.url}/v1/responses`, { method: 'POST', body: '{}', headers })).status
    } catch (error) {
      return (error as { readonly code?: string }).code
    } finally {
      await network.close()
    }
  }
  expect(await ask([])).toBe('DDA_ENDPOINT_PRIVATE_ADDRESS')
  expect(wire.seen).toEqual([])
  expect(await ask([wire.url])).toBe(200)
  await wire.close()
})

const base = { provider: '@ai-sdk/openai', model: 'gpt-image-1' }
testPluginOptions(test, plugin, {
  valid: [
    { options: base },
    { options: { ...base, options: { apiKey: { env: 'DDA_TEST_AI_SDK_KEY' }, baseURL: 'http://gpu-1:8000/v1' } } },
    { options: { ...base, size: 'source', providerOptions: { openai: { quality: 'high' } } } },
  ],
  invalid: [
    { options: { model: 'm' }, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { ...base, endpoints: ['http://a/v1'] }, code: 'DDA_CONFIG_INVALID', at: 'endpoints' },
    { options: { ...base, options: { apiKey: 'sk-x' } }, code: 'DDA_AI_SDK_OPTIONS' },
    { options: { ...base, size: 'big' }, code: 'DDA_CONFIG_INVALID', at: 'size' },
  ],
})
