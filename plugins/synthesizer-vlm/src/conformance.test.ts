import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, makeContext, synthesizerSuite, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import plugin, { vlmSynthesizer, type VlmSynthesizerOptions } from './index.ts'
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
  type Vlm,
} from './vlm.fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'synthesizer-vlm-'))
const images = join(folder, 'images')
await mkdir(images)
afterAll(() => rm(folder, { recursive: true }))
const NUMBER_OF = new Map<string, number>()
for (let number = 0; number < 16; number++) {
  await writeFile(join(images, `${number}.png`), drawn(number))
  NUMBER_OF.set(hashOf(drawn(number)), number)
}

function sound(asked: Asked): Reply {
  const number = NUMBER_OF.get(asked.pictures[0] ?? '') ?? 0
  if (asked.prompt === 'propose') {
    return JSON.stringify({ suitable: true, instruction: instructionOf(number, asked.seed) })
  }
  if (asked.prompt === 'reference') return JSON.stringify({ reference: referenceOf(number) })
  if (asked.prompt === 'checklist') return JSON.stringify(checklistOf(number))
  return answers(asked, asked.prompt === 'source' ? soundAnswer : () => undefined)
}

let server: Vlm
beforeAll(async () => {
  server = await startVlm(sound)
  return () => server.close()
})

const made = (options: Partial<VlmSynthesizerOptions> = {}) =>
  vlmSynthesizer({ endpoint: server.url, model: 'vlm', images, ...options })

describe('a folder of pictures before a sound model', () => {
  synthesizerSuite({ test, factory: () => made() })
})

testPluginOptions(test, plugin, {
  valid: [
    { options: { endpoint: 'http://localhost:8000/v1', model: 'vlm' } },
    {
      options: {
        endpoints: ['http://a/v1', 'http://b/v1'],
        model: 'vlm',
        images: ['./a', './b'],
        params: { top_p: 0.9 },
      },
    },
  ],
  invalid: [
    { options: { model: 'vlm' }, code: 'DDA_SYNTHESIS_OPTIONS' },
    { options: { endpoint: 'http://a/v1', endpoints: ['http://b/v1'], model: 'vlm' }, code: 'DDA_SYNTHESIS_OPTIONS' },
    { options: { endpoint: 'http://a/v1', model: 'vlm', minItems: 7 }, code: 'DDA_SYNTHESIS_OPTIONS' },
    { options: { endpoint: 'http://key@a/v1', model: 'vlm' }, code: 'DDA_ENDPOINT_URL' },
    { options: { endpoint: 'http://a/v1', model: 'vlm', params: { seed: 4 } }, code: 'DDA_CHAT_PARAM' },
  ],
})

async function synthesise(options: Partial<VlmSynthesizerOptions>, train = 8) {
  const log: string[] = []
  const keep = (line: string): void => void log.push(line)
  const context = makeContext({ log: { debug: keep, info: keep, warn: keep } })
  const synthesizer = made(options)
  await synthesizer.open?.(context)
  try {
    const samples = await collect(synthesizer.synthesize({ seed: 1, count: { train, 'held-out': 0 } }, context))
    return { samples, log }
  } finally {
    await synthesizer.close?.()
  }
}

async function put(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, text)
  return file
}

const kind = (category: string, subtask: string, weight = 1) => ({ category, subtask, definition: 'It is so.', weight })

test('kinds of a taxonomy of the user’s get samples by their weights', async () => {
  const taxonomy = await put('kinds.yaml', JSON.stringify([kind('a', 'x'), kind('a', 'y'), kind('b', 'z', 2)]))
  const { samples } = await synthesise({ taxonomy }, 12)
  const counts: Record<string, number> = {}
  for (const { category, subtask = '' } of samples) {
    counts[`${category}/${subtask}`] = (counts[`${category}/${subtask}`] ?? 0) + 1
  }
  expect(counts).toEqual({ 'a/x': 3, 'a/y': 3, 'b/z': 6 })
})

test('a prompt of the user’s is asked in place of the plugin’s, and is another version', async () => {
  const prompts = join(folder, 'prompts')
  await put('prompts/reference.md', 'Mine: describe the ideal edited scene of {instruction}')
  const before = server.asked.length
  const { samples } = await synthesise({ prompts }, 1)
  expect(server.asked.slice(before).some(({ text }) => text.startsWith('Mine: '))).toBe(true)
  const [own] = (await synthesise({}, 1)).samples
  const version = 'reference.prompt'
  expect(samples[0]?.provenance.facts?.[version]).not.toBe(own?.provenance.facts?.[version])
})

test.each([
  ['a taxonomy that is none', () => put('t1.yaml', 'category: a'), 'taxonomy', 'DDA_SYNTHESIS_TAXONOMY'],
  [
    'a taxonomy with one kind twice',
    () => put('t2.yaml', JSON.stringify([kind('a', 'x'), kind('a', 'x')])),
    'taxonomy',
    'DDA_SYNTHESIS_TAXONOMY',
  ],
  ['a taxonomy that is not there', () => join(folder, 'nowhere.yaml'), 'taxonomy', 'DDA_SYNTHESIS_TAXONOMY'],
  ['a prompt without its hole', () => put('p1/reference.md', 'Describe it.'), 'prompts', 'DDA_SYNTHESIS_PROMPTS'],
  ['a prompt of another name', () => put('p2/referance.md', '{instruction}'), 'prompts', 'DDA_SYNTHESIS_PROMPTS'],
  ['a folder without pictures', () => put('empty/a.txt', ''), 'images', 'DDA_SYNTHESIS_PICTURES'],
  ['a folder that is not there', () => join(folder, 'nowhere', 'x'), 'images', 'DDA_SYNTHESIS_PICTURES'],
  [
    'a benchmark without instructions',
    () => put('b1/a.json', '[{"index": 1}]'),
    'decontaminate',
    'DDA_SYNTHESIS_BENCHMARK',
  ],
] as const)('%s ends the command with a code', async (_name, path, option, code) => {
  const file = await path()
  const given = option === 'prompts' || option === 'images' || option === 'decontaminate' ? join(file, '..') : file
  await expect(synthesise({ [option]: option === 'decontaminate' ? [given] : given })).rejects.toMatchObject({
    code,
    next: expect.any(String),
  })
})

test('official files of RISE and KRIS are read for what must not be in the data', async () => {
  const [first, second] = [instructionOf(0), 'Turn the third block of the upper row green']
  await put('rise/data_total.json', JSON.stringify([{ index: 't_1', instruction: first, image: 'images/1.png' }]))
  await mkdir(join(folder, 'rise/images'), { recursive: true })
  await writeFile(join(folder, 'rise/images/1.png'), drawn(3))
  await mkdir(join(folder, 'kris/abstract_reasoning'), { recursive: true })
  await put(
    'kris/abstract_reasoning/annotation.json',
    JSON.stringify({ '1': { ori_img: ['1.jpg', '2.jpg'], ins_en: second } }),
  )
  await writeFile(join(folder, 'kris/abstract_reasoning/1.jpg'), drawn(4))
  const { samples, log } = await synthesise(
    { decontaminate: [join(folder, 'rise'), join(folder, 'kris')], perImage: 1 },
    100,
  )
  expect(log).toContain('2 instructions and 2 pictures of benchmarks are kept out')
  expect(log.find((line) => line.includes('not there'))).toMatch(/^1 pictures .*kris/)
  expect(samples).toHaveLength(14)
})
