import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceCall, SetAside, SynthesisContext } from '@dda-thinker/plugin-api'
import { collect, makeContext } from '@dda-thinker/testkit'
import { afterEach, expect, test } from 'vitest'
import { TASK_REASONS, vlmSynthesizer, type VlmSynthesizerOptions } from './index.ts'
import {
  answers,
  checklistOf,
  drawn,
  hashOf,
  instructionOf,
  referenceOf,
  soundAnswer,
  startVlm,
  type Asked,
  type Reply,
} from './vlm.fixture.ts'

/** What the image server was asked for, and what it does. */
interface Drawing {
  readonly body: Readonly<Record<string, unknown>>
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const sceneOf = (number: number) =>
  `Item${number} in colour${number} rests upon shelf${number} beside window${number} under lamp${number} at dusk${number}.`
const numberIn = (text: unknown) => Number(/Item(\d+)/.exec(String(text))?.[1] ?? -1)

/** A text-to-image server: a picture of its own for each scene, or what `answer` says. */
async function startGenerator(
  answer: (number: number, count: number) => Uint8Array | number | object = (number) => drawn(number),
) {
  const drawings: Drawing[] = []
  let most = 0
  let running = 0
  const server = createServer((request, response) => {
    const json = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url?.endsWith('/models') === true) return json(200, { data: [{ id: 'painter', object: 'model' }] })
      running += 1
      most = Math.max(most, running)
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
      drawings.push({ body })
      const said = answer(numberIn(body['prompt']), drawings.length)
      setImmediate(() => {
        running -= 1
        if (typeof said === 'number') json(said, { error: { message: 'broken' } })
        else if (said instanceof Uint8Array) {
          json(200, {
            data: [{ b64_json: Buffer.from(said).toString('base64') }],
            usage: { input_tokens: 7, output_tokens: 900 },
          })
        } else json(200, said)
      })
      return undefined
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { url, drawings, most: () => most }
}

/** Sound answers about whatever is drawn; scenes by their number, or as `scenes` has it. */
function model(scenes: Readonly<Record<number, Reply>> = {}) {
  const numbers = new Map(Array.from({ length: 40 }, (_, number) => [hashOf(drawn(number)), number]))
  return (asked: Asked): Reply => {
    const number = numbers.get(asked.pictures[0] ?? '') ?? 0
    switch (asked.prompt) {
      case 'scene': {
        const which = Number(/scene number (\d+)/.exec(asked.text)?.[1])
        return scenes[which] ?? JSON.stringify({ scene: sceneOf(which) })
      }
      case 'propose':
        return JSON.stringify({ suitable: true, instruction: instructionOf(number) })
      case 'reference':
        return JSON.stringify({ reference: referenceOf(number) })
      case 'checklist':
        return JSON.stringify(checklistOf(number))
      case 'source':
        return answers(asked, soundAnswer)
      default:
        return answers(asked, () => undefined)
    }
  }
}

async function run(
  servers: { readonly vlm: string; readonly generator: string },
  options: { readonly pictures?: number; readonly generator?: Partial<VlmSynthesizerOptions['generator']> } = {},
  given: Partial<SynthesisContext> = {},
  train = 100,
) {
  const aside: SetAside[] = []
  const context: SynthesisContext = { ...makeContext(), setAside: async (row) => void aside.push(row), ...given }
  const synthesizer = vlmSynthesizer({
    endpoint: servers.vlm,
    model: 'vlm',
    perImage: 1,
    batch: 4,
    generator: {
      endpoints: [servers.generator],
      pictures: options.pictures ?? 6,
      retryDelaySeconds: 0.001,
      attempts: 2,
      breakerFailures: 1000,
      ...options.generator,
    } as NonNullable<VlmSynthesizerOptions['generator']>,
  })
  await synthesizer.open?.(context)
  try {
    const request = { seed: 3, count: { train, 'held-out': 0 } }
    return { samples: await collect(synthesizer.synthesize(request, context)), aside, context }
  } finally {
    await synthesizer.close?.()
  }
}

async function servers(scenes?: Readonly<Record<number, Reply>>, answer?: Parameters<typeof startGenerator>[0]) {
  const vlm = await startVlm(model(scenes))
  closing.push(() => vlm.close())
  const generator = await startGenerator(answer)
  return { vlm, generator, urls: { vlm: vlm.url, generator: generator.url } }
}

test('samples are made from scenes alone: described, drawn, and from there as from any picture, with all of it in their provenance', async () => {
  const { urls, generator, vlm } = await servers()
  const { samples, aside } = await run(urls)
  expect(aside).toEqual([])
  expect(samples).toHaveLength(6)
  expect(generator.most()).toBeGreaterThan(1)
  expect(generator.drawings[0]?.body).toEqual({
    prompt: sceneOf(1),
    n: 1,
    size: '1024x1024',
    response_format: 'b64_json',
    seed: expect.any(Number),
  })
  const [first] = samples
  expect(first?.images[0]?.hash).toBe(hashOf(drawn(1)))
  expect(first?.provenance.facts).toMatchObject({
    picture: 'scene-1',
    scene: sceneOf(1),
    'scene.model': 'vlm',
    'scene.prompt': expect.stringMatching(/^[0-9a-f]{12}$/),
    'scene.seed': expect.any(Number),
    'drawn.model': 'the one that is served',
    'drawn.seed': generator.drawings[0]?.body['seed'],
  })
  // What a picture is drawn for is what it is asked about first, and every kind has its turn.
  const asked = vlm.asked.filter(({ prompt }) => prompt === 'scene').map(({ text }) => /^(.+ – .+): /m.exec(text)?.[1])
  expect(asked.slice(0, 6)).toEqual(samples.map(({ category, subtask }) => `${category} – ${subtask}`))
  expect(new Set(asked).size).toBe(6)
})

test('no more is drawn than samples are wanted', async () => {
  const { urls, generator } = await servers()
  const { samples } = await run(urls, { pictures: 40 }, {}, 3)
  expect(samples).toHaveLength(3)
  expect(generator.drawings).toHaveLength(3)
})

const IMPATIENT = { attempts: 5, breakerFailures: 1, breakerSeconds: 0.001, giveUpSeconds: 0.05, perEndpoint: 4 }

test('scenes that an image server always fails for are dropped, also where nothing else is left; a server that fails for everything stops', async () => {
  const { urls } = await servers({}, (number) => (number < 0 ? drawn(0) : 500))
  const { samples, aside } = await run(urls, { generator: IMPATIENT })
  expect(samples).toEqual([])
  expect(aside).toHaveLength(6)
  const broken = await servers({}, () => 500)
  await expect(run(broken.urls, { generator: IMPATIENT })).rejects.toMatchObject({ code: 'DDA_ENDPOINT_DOWN' })
})

test('every defect is caught by the check that is for it, and the rest goes on', async () => {
  const scenes = {
    1: JSON.stringify({ scene: 'A cup.' }),
    2: JSON.stringify({ scene: sceneOf(3).replace('.', '!') }),
    3: JSON.stringify({ scene: sceneOf(3) }),
    4: { refusal: 'Not this.' },
  }
  const { urls, generator } = await servers(scenes, (number) => {
    if (number === 5) return 500
    if (number === 6) return { data: [] }
    if (number === 7)
      return { error: { message: 'your request was rejected by the safety system', code: 'moderation_blocked' } }
    if (number === 8) return Buffer.from('no picture')
    return drawn(number === 9 ? 3 : number)
  })
  const { samples, aside } = await run(urls, { pictures: 10 })
  const found = Object.fromEntries(aside.map(({ where, reason }) => [where, reason]))
  expect(found).toEqual({
    'scene-1': TASK_REASONS.unreadable,
    'scene-3': TASK_REASONS.sceneRepeated,
    'scene-4': TASK_REASONS.refused,
    'scene-5': TASK_REASONS.service,
    'scene-6': TASK_REASONS.unreadable,
    'scene-7': TASK_REASONS.unreadable,
    'scene-8': TASK_REASONS.unreadable,
    'scene-9': TASK_REASONS.pictureRepeated,
  })
  expect(samples.map(({ provenance }) => provenance.facts?.['picture'])).toEqual(['scene-2', 'scene-10'])
  // A scene that is not new costs no picture.
  expect(generator.drawings.some(({ body }) => body['prompt'] === sceneOf(3).replace('.', '!'))).toBe(true)
  expect(generator.drawings.some(({ body }) => body['prompt'] === sceneOf(3))).toBe(false)
})

test('what was drawn is kept: begun again it asks nobody, and a picture that the store has lost is drawn again', async () => {
  const { urls, generator } = await servers()
  const kept = new Map<string, unknown>()
  const once: SynthesisContext['once'] = async (key, make) => {
    const name = JSON.stringify(key)
    if (!kept.has(name)) kept.set(name, await make())
    return kept.get(name) as Awaited<ReturnType<typeof make>>
  }
  const calls: ServiceCall[] = []
  const first = await run(
    urls,
    { generator: { price: { perCall: 0.04, inputPerMillionTokens: 0, outputPerMillionTokens: 0 } } },
    { once, meter: (call) => void calls.push(call) },
  )
  const paid = calls.filter(({ endpoint }) => endpoint === urls.generator && endpoint.length > 0)
  expect(paid.filter(({ cost }) => cost !== undefined).map(({ cost }) => cost?.money)).toContain(0.04)
  const again = await run(urls, {}, { once, images: first.context.images })
  expect(again.samples).toEqual(first.samples)
  expect(generator.drawings).toHaveLength(6)
  const lost = await run(urls, {}, { once })
  expect(lost.samples).toEqual(first.samples)
  expect(generator.drawings).toHaveLength(12)
})

test('fields that a service refuses are left out, and its own are added; what is the plugin’s stays so', async () => {
  const { urls, generator } = await servers()
  await run(urls, {
    pictures: 1,
    generator: { model: 'painter', seed: false, params: { response_format: null, quality: 'high' } },
  })
  expect(generator.drawings[0]?.body).toEqual({
    model: 'painter',
    prompt: sceneOf(1),
    n: 1,
    size: '1024x1024',
    quality: 'high',
  })
  const refused = run(urls, { generator: { params: { prompt: 'always this' } } })
  await expect(refused).rejects.toMatchObject({ code: 'DDA_CHAT_PARAM' })
})
