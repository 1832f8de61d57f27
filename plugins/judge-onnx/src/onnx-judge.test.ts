import { writeFile } from 'node:fs/promises'
import { deflateSync } from 'node:zlib'
import type { Check, ChecklistItem, ImageRef, Verdict } from '@dda-thinker/plugin-api'
import { makeContext, makePng, type Rgb } from '@dda-thinker/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onnxJudge } from './index.ts'
import { meanColourModel, PLAIN, writeModel } from './tiny-model.fixture.ts'

const context = makeContext()
const SIZE = { width: 32, height: 24 }
let file = ''
let judge: ReturnType<typeof onnxJudge>
beforeAll(async () => {
  file = await writeModel()
  judge = onnxJudge({ models: { tiny: { file, ...PLAIN } } })
  await judge.open?.(context)
})
afterAll(() => judge.close?.())

const item = (check: Check | undefined, question = 'Is it as it should be?'): ChecklistItem => ({
  id: 'the-item',
  scope: 'visual',
  question,
  expected: 'yes',
  ...(check === undefined ? {} : { check }),
})

const picture = (pixel: (x: number, y: number) => Rgb, size = SIZE): Promise<ImageRef> =>
  context.images.put(makePng({ ...size, pixel }))

const texture = (x: number, y: number): Rgb => [(x * 37 + y * 11) % 256, (x * 5 + y * 71) % 256, (x * y) % 256]
/** The left half of a picture is changed, the right one is not. */
const leftChanged = (x: number, y: number): Rgb => (x < 16 ? [255, 0, 0] : texture(x, y))

async function ask(
  check: Check | undefined,
  [source, edited]: readonly [ImageRef, ImageRef],
  by = judge,
): Promise<Verdict | undefined> {
  const request = { scope: 'visual', source: [source], edited, items: [item(check)] } as const
  return (await by.judge(request, { signal: context.signal }))[0]
}

describe('untouched regions', () => {
  const LEFT = [[0, 0, 0.5, 1]]

  test.each<[string, Check, Verdict['answer']]>([
    ['SSIM of the whole picture', { kind: 'ssim', min: 0.95 }, 'no'],
    ['SSIM of what was to stay', { kind: 'ssim', min: 0.999, ignore: LEFT }, 'yes'],
    ['PSNR of the whole picture', { kind: 'psnr', min: 30 }, 'no'],
    ['PSNR of what was to stay', { kind: 'psnr', min: 60, ignore: LEFT }, 'yes'],
    ['SSIM of what was to change', { kind: 'ssim', max: 0.5, within: LEFT }, 'yes'],
    ['the model, on what was to stay', { kind: 'preservation', min: 0.9999, ignore: LEFT }, 'yes'],
    ['the model, on what was to change', { kind: 'preservation', min: 0.95, within: LEFT }, 'no'],
  ])('%s', async (_, check, answer) => {
    const pair = [await picture(texture), await picture(leftChanged)] as const
    expect(await ask(check, pair)).toMatchObject({ answer, reason: expect.stringContaining(check.kind) as string })
  })

  test('a mask from the store says what is compared: white is', async () => {
    const pair = [await picture(texture), await picture(leftChanged)] as const
    const mask = { ...(await picture((x) => (x < 16 ? [0, 0, 0] : [255, 255, 255]))) }
    expect(await ask({ kind: 'psnr', min: 60, mask }, pair)).toMatchObject({ answer: 'yes' })
    const other = { ...(await picture((x) => (x < 16 ? [255, 255, 255] : [0, 0, 0]))) }
    expect(await ask({ kind: 'psnr', min: 60, mask: other }, pair)).toMatchObject({ answer: 'no' })
  })
})

describe('a model', () => {
  const red = () => [255, 0, 0] as const
  const both = () => [255, 255, 0] as const

  test('similarity is the cosine of its embeddings', async () => {
    // Mean colours (1, 0, 0) and (1, 1, 0): the cosine is 1 / √2 = 0.70711.
    const pair = [await picture(red), await picture(both)] as const
    expect(await ask({ kind: 'similarity', min: 0.7 }, pair)).toMatchObject({
      answer: 'yes',
      reason: 'similarity 0.70711, asked for at least 0.7',
    })
    expect(await ask({ kind: 'similarity', min: 0.71 }, pair)).toMatchObject({ answer: 'no' })
  })

  test('identity looks at one thing, also where it has moved', async () => {
    const at =
      (left: number) =>
      (x: number, y: number): Rgb =>
        x >= left && x < left + 8 && y < 12 ? [20, 200, 40] : [200, 10, 90]
    const pair = [await picture(at(0)), await picture(at(16))] as const
    const box = [0, 0, 0.25, 0.5]
    expect(await ask({ kind: 'identity', min: 0.99, box }, pair)).toMatchObject({ answer: 'no' })
    expect(await ask({ kind: 'identity', min: 0.99, box, editedBox: [0.5, 0, 0.25, 0.5] }, pair)).toMatchObject({
      answer: 'yes',
    })
  })

  test('prepares pictures as its options say', async () => {
    // Swapped channels and another mean: (0.5, −0.5, −0.5) and (0.5, 0.5, −0.5) of red and yellow, cosine 1/3.
    const other = onnxJudge({
      models: { tiny: { file, size: 16, fit: 'pad', channels: 'bgr', mean: [0.5, 0.5, 0.5], std: [1, 1, 1] } },
    })
    await other.open?.(context)
    const pair = [
      await picture(red, { width: 16, height: 16 }),
      await picture(both, { width: 16, height: 16 }),
    ] as const
    expect(await ask({ kind: 'similarity', min: 0.9 }, pair, other)).toMatchObject({
      reason: expect.stringMatching(/^similarity 0\.33333/) as string,
    })
    await other.close?.()
  })

  test('its weights and its preparation are in the fingerprint, where it lies is not', async () => {
    const fingerprints = []
    const changed = await writeModel(Uint8Array.from([...meanColourModel(), 0x12, 1, 0x78]))
    const copies = [file, await writeModel(), changed].map((one) => ({ models: { tiny: { file: one, ...PLAIN } } }))
    for (const options of [...copies, { models: { tiny: { file, ...PLAIN, size: 16 } } }]) {
      const other = onnxJudge(options)
      await other.open?.(context)
      fingerprints.push(other.fingerprint)
      await other.close?.()
    }
    expect(fingerprints[0]).toBe(fingerprints[1])
    expect(new Set(fingerprints).size).toBe(3)
  })

  test('that cannot be loaded, or lacks an output, is named', async () => {
    const broken = await writeModel(Buffer.from('no model'))
    for (const model of [
      { file: broken },
      { file: `${file}.gone` },
      { file, output: 'logits' },
      { file, input: 'x' },
    ]) {
      const other = onnxJudge({ models: { mine: model } })
      await expect(other.open?.(context)).rejects.toMatchObject({
        code: 'DDA_JUDGE_MODEL',
        message: expect.stringContaining('"mine"') as string,
        stopsRun: true,
      })
      await other.close?.()
    }
  })

  test('an output that is no embedding, or has no direction, is a failure and not a score', async () => {
    const other = onnxJudge({ models: { tiny: { file, ...PLAIN, output: 'map' } } })
    await other.open?.(context)
    const pair = [await picture(red), await picture(both)] as const
    await expect(ask({ kind: 'similarity', min: 0 }, pair, other)).rejects.toMatchObject({ code: 'DDA_JUDGE_MODEL' })
    await other.close?.()
    const black = [await picture(() => [0, 0, 0]), await picture(both)] as const
    await expect(ask({ kind: 'similarity', min: 0 }, black)).rejects.toMatchObject({
      code: 'DDA_JUDGE_EMBEDDING',
      kind: 'bad-output',
    })
  })
})

describe('which items are its own', () => {
  test('those with a check that it can make, or whose question asks for one', async () => {
    const plain = onnxJudge({
      questions: [{ match: 'everything else .*unchanged', check: { kind: 'ssim', min: 0.9 } }],
    })
    expect(plain.answers?.(item({ kind: 'ssim', min: 0.9 }))).toBe(true)
    expect(plain.answers?.(item(undefined, 'Is Everything Else on the table unchanged?'))).toBe(true)
    expect(plain.answers?.(item(undefined, 'Is the banana rotten?'))).toBe(false)
    expect(plain.answers?.({ ...item({ kind: 'ssim', min: 0.9 }), scope: 'cognitive' })).toBe(false)
    // Without a model it leaves what needs one to the next judge.
    expect(plain.answers?.(item({ kind: 'similarity', min: 0.9 }))).toBe(false)
    expect(judge.answers?.(item({ kind: 'similarity', min: 0.9 }))).toBe(true)
    expect(plain.answers?.(item({ kind: 'ocr', text: 'EXIT' }))).toBe(false)
  })

  test('others it cannot tell', async () => {
    const pair = [await picture(texture), await picture(texture)] as const
    expect(await ask(undefined, pair)).toMatchObject({ answer: 'unsure' })
  })
})

test('bounds, margins and probabilities', async () => {
  const pair = [await picture(() => [100, 100, 100]), await picture(() => [110, 110, 110])] as const
  // MSE 100: 10 log10(65025 / 100) = 28.13 dB.
  const measure = (more: object) => ask({ kind: 'psnr', ...more }, pair)
  expect(await measure({ min: 28 })).toMatchObject({ answer: 'yes', reason: 'psnr 28.131, asked for at least 28' })
  expect(await measure({ min: 28, max: 28.1 })).toMatchObject({ answer: 'no' })
  expect(await measure({ min: 28, margin: 0.2 })).toMatchObject({ answer: 'unsure' })
  expect(await measure({ min: 28 })).not.toHaveProperty('probability')
  const soft = await measure({ min: 29.13, scale: 1 })
  expect(soft?.answer).toBe('no')
  expect(soft?.probability).toBeCloseTo(1 / (1 + Math.exp(29.13 - 10 * Math.log10(650.25))), 9)
})

describe('pictures of other sizes', () => {
  const smooth = (width: number, height: number): Promise<ImageRef> =>
    picture((x, y) => [Math.round((200 * x) / width), Math.round((200 * y) / height), 80], { width, height })
  const unmeasured = { answer: 'unsure', unmeasured: true }

  test('are brought to the size of the source, or are passed on', async () => {
    const [source, larger, wider] = [await smooth(32, 24), await smooth(64, 48), await smooth(64, 24)]
    expect(await ask({ kind: 'ssim', min: 0.98 }, [source, larger])).toMatchObject({ answer: 'yes' })
    expect(await ask({ kind: 'ssim', min: 0.98 }, [source, wider])).toMatchObject(unmeasured)
    const strict = onnxJudge({ otherSize: 'pass-on' })
    await strict.open?.(context)
    expect(await ask({ kind: 'ssim', min: 0.98 }, [source, larger], strict)).toMatchObject(unmeasured)
    await strict.close?.()
  })

  test.each([
    // FLUX Kontext brings every picture to one of 17 shapes, stretching it.
    ['16 : 9 by FLUX Kontext', [320, 180], [348, 188]],
    ['4 : 3 by FLUX Kontext', [320, 240], [296, 220]],
    // Qwen-Image-Edit keeps the shape to multiples of 32.
    ['800 × 600 by Qwen-Image-Edit', [200, 150], [296, 224]],
  ] as const)('of an Editor that chooses its own size are measured: %s', async (_name, [width, height], made) => {
    const [source, edited] = [await smooth(width, height), await smooth(made[0], made[1])]
    expect(await ask({ kind: 'ssim', min: 0.98 }, [source, edited])).toMatchObject({ answer: 'yes' })
    expect(await ask({ kind: 'psnr', min: 35 }, [source, edited])).toMatchObject({ answer: 'yes' })
  })

  test('are told when the judge is closed, with their share', async () => {
    const [source, same, larger, wider] = [
      await smooth(32, 24),
      await smooth(32, 24),
      await smooth(64, 48),
      await smooth(64, 24),
    ]
    const told: string[] = []
    const watched = onnxJudge({})
    await watched.open?.({ ...context, log: { ...context.log, warn: (line: string) => void told.push(line) } })
    for (const edited of [same, larger, larger, wider]) await ask({ kind: 'ssim', min: 0.5 }, [source, edited], watched)
    await watched.close?.()
    expect(told).toEqual([expect.stringMatching(/of 4 comparisons .* 2 \(50 %\) .* 1 \(25 %\) could not/) as string])
  })

  test('grey, transparent and rotated pictures are seen as they look', async () => {
    const grey = await context.images.put(
      await sharp({ create: { ...SIZE, channels: 3, background: '#6a6a6a' } })
        .greyscale()
        .png()
        .toBuffer(),
    )
    const clear = await context.images.put(
      await sharp({ create: { ...SIZE, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
        .png()
        .toBuffer(),
    )
    const turned = await context.images.put(
      await sharp(makePng({ width: 24, height: 32, pixel: (x) => (x < 12 ? [0, 0, 0] : [255, 255, 255]) }))
        .withMetadata({ orientation: 6 })
        .png()
        .toBuffer(),
    )
    const equal = { kind: 'psnr', min: 90 } as const
    expect(await ask(equal, [grey, await picture(() => [106, 106, 106])])).toMatchObject({ answer: 'yes' })
    expect(await ask(equal, [clear, await picture(() => [255, 255, 255])])).toMatchObject({ answer: 'yes' })
    expect(await ask(equal, [turned, await picture((_, y) => (y < 12 ? [0, 0, 0] : [255, 255, 255]))])).toMatchObject({
      answer: 'yes',
    })
  })
})

describe('what is refused', () => {
  test.each<[string, Check]>([
    ['needs min or max', { kind: 'ssim' }],
    ['min 2 is above max 1', { kind: 'ssim', min: 2, max: 1 }],
    ['needs within, ignore or mask', { kind: 'preservation', min: 0.9 }],
    ['box', { kind: 'identity', min: 0.9 }],
    ['window', { kind: 'ssim', min: 0.9, within: [[0, 0, 0.1, 0.1]] }],
    ['none of its pixels', { kind: 'psnr', min: 9, ignore: [[0, 0, 1, 1]] }],
    ['none is 3', { kind: 'psnr', min: 9, source: 3 }],
    ['ignore', { kind: 'psnr', min: 9, ignore: [[0, 0, 2, 1]] }],
    ['ignored', { kind: 'psnr', min: 9, ignored: [[0, 0, 1, 1]] }],
  ])('a check that cannot be made: %s', async (problem, check) => {
    const pair = [await picture(texture), await picture(leftChanged)] as const
    await expect(ask(check, pair)).rejects.toMatchObject({
      code: 'DDA_JUDGE_CHECK',
      kind: 'bad-input',
      message: expect.stringContaining(problem) as string,
    })
  })

  test('a small file that unpacks to more pixels than allowed, and one that only says that it is a PNG', async () => {
    const [bomb, page] = [
      makePng({ width: 400, height: 400 }),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ]
    const fake = { hash: 'e'.repeat(64), mediaType: 'image/png', width: 8, height: 8 } as const
    const source = await picture(texture)
    const small = onnxJudge({ maxImagePixels: 10_000 })
    for (const [bytes, code] of [
      [bomb, 'DDA_IMAGE_TOO_LARGE'],
      [page, 'DDA_IMAGE_INVALID'],
      [deflateSync(Buffer.alloc(100)), 'DDA_IMAGE_INVALID'],
    ] as const) {
      const images = {
        ...context.images,
        get: async (ref: ImageRef) => (ref === fake ? bytes : context.images.get(ref)),
      }
      await small.open?.({ ...context, images })
      await expect(ask({ kind: 'psnr', min: 9 }, [source, fake], small)).rejects.toMatchObject({
        code,
        kind: 'bad-input',
      })
      await small.close?.()
    }
  })

  test('a model that takes another size is named with what it was given', async () => {
    const large = await writeModel()
    await writeFile(large, meanColourModel())
    const other = onnxJudge({ models: { tiny: { file: large, ...PLAIN, layout: 'nhwc' } } })
    await other.open?.(context)
    const pair = [await picture(texture), await picture(leftChanged)] as const
    await expect(ask({ kind: 'similarity', min: 0 }, pair, other)).rejects.toMatchObject({
      code: 'DDA_JUDGE_MODEL',
      message: expect.stringContaining('[1, 8, 8, 3]') as string,
    })
    await other.close?.()
  })
})
