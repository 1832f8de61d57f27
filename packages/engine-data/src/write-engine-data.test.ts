import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { isBroken, openRows } from '@dda-thinker/data-files'
import type { ImageRef, Sample } from '@dda-thinker/plugin-api'
import { makeSample } from '@dda-thinker/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ENGINE_FORMATS, writeEngineData, type EngineDataOptions } from './write-engine-data.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dda-engine-data-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const BYTES = new Uint8Array([137, 80, 78, 71])
const picture = (hash: string): ImageRef => ({ hash, mediaType: 'image/png', width: 2, height: 2 }) as ImageRef
const images: EngineDataOptions['images'] = {
  get: () => Promise.resolve(BYTES),
  path: ({ hash }) => join('store', `${hash}.png`),
}

const two: readonly Sample[] = [
  makeSample({
    id: 'train-1',
    split: 'train',
    instruction: 'Age the $& fruit.',
    category: 'temporal',
    images: [picture('a'), picture('b')],
  }),
  makeSample({ id: 'held-1', split: 'held-out', instruction: 'Cool it.', images: [picture('c')] }),
  makeSample({ id: 'train-2', split: 'train', instruction: 'Dry it.', images: [] }),
]

async function* given(samples: readonly Sample[]): AsyncIterable<Sample> {
  yield* samples
}

async function write(format: EngineDataOptions['format'], samples = two, more: Partial<EngineDataOptions> = {}) {
  const to = join(folder, `${format}-${Math.random()}`)
  return writeEngineData({ format, folder: to, samples: given(samples), images, ...more })
}

async function rows(file: string | undefined): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = []
  for await (const row of openRows([file ?? ''])) {
    if (isBroken(row)) throw new Error('broken')
    found.push(row.value)
  }
  return found
}

const named = (files: readonly string[]) => files.map((file) => basename(file))

test('verl: chats with placeholders, pictures as bytes, the id where the reward looks for it', async () => {
  const { files, train, heldOut } = await write('verl', two, { prompt: { system: null, user: 'Task: {instruction}' } })
  expect([train, heldOut]).toEqual([2, 1])
  expect(named(files)).toEqual(['train.parquet', 'held-out.parquet', 'overrides.txt', 'agent-loop.yaml'])
  expect(await rows(files[0])).toEqual([
    {
      data_source: 'dda-thinker',
      prompt: [{ role: 'user', content: '<image><image>Task: Age the $& fruit.' }],
      images: [
        { bytes: BYTES, path: 'a.png' },
        { bytes: BYTES, path: 'b.png' },
      ],
      ability: 'temporal',
      reward_model: { style: 'rule', ground_truth: 'train-1' },
      extra_info: { index: 0, split: 'train', dda_sample: 'train-1' },
    },
    expect.objectContaining({ images: [], extra_info: { index: 1, split: 'train', dda_sample: 'train-2' } }),
  ])
  const overrides = await readFile(files[2] ?? '', 'utf8')
  expect(overrides).toContain(`data.train_files=${files[0]}\ndata.val_files=${files[1]}\n`)
  expect(overrides).toContain('data.image_key=images')
  expect(overrides).toContain('reward.custom_reward_function.path=pkg://dda_reward.verl\n')
})

test('TRL: a chat without placeholders, pictures, the id in a column of its own', async () => {
  const { files } = await write('trl', two, { prompt: { system: 'Plan.', user: '{instruction}' }, streams: ['visual'] })
  expect(named(files)).toEqual(['train.parquet', 'held-out.parquet', 'train.py'])
  expect((await rows(files[0]))[0]).toMatchObject({
    prompt: [
      { role: 'system', content: 'Plan.' },
      { role: 'user', content: 'Age the $& fruit.' },
    ],
    sample_id: 'train-1',
  })
  expect(await readFile(files[2] ?? '', 'utf8')).toContain('reward_functions(["visual"])')
})

test('OpenRLHF: JSON lines, pictures as files', async () => {
  const { files } = await write('openrlhf')
  expect(named(files)).toEqual(['train.jsonl', 'held-out.jsonl', 'arguments.txt'])
  const [first] = await rows(files[0])
  expect(first).toMatchObject({ label: 'train-1', datasource: 'temporal' })
  expect(JSON.stringify(first?.['input'])).toContain('<image><image>Age the')
  const images = (first?.['images'] ?? []) as readonly string[]
  expect(images.length).toBeGreaterThan(0)
  for (const path of images) {
    expect(new Uint8Array(await readFile(path))).toEqual(BYTES)
  }
  expect(await readFile(files[2] ?? '', 'utf8')).toContain('--data.max_images_per_prompt=2')
})

test.each(ENGINE_FORMATS)('%s for a policy without eyes has no pictures, and asks for none', async (format) => {
  const { files } = await write(format, two, { pictures: false })
  const [first] = await rows(files[0])
  expect(first).not.toHaveProperty('images')
  expect(JSON.stringify(first)).not.toContain('<image>')
  for (const file of files.slice(2)) expect(await readFile(file, 'utf8')).not.toMatch(/image/)
})

test.each(ENGINE_FORMATS)(
  '%s: an instruction that the engine would take for a picture is refused, and nothing is replaced',
  async (format) => {
    const { files } = await write(format)
    const [file = ''] = files
    await writeFile(file, 'older')
    const astray = makeSample({ id: 'astray', split: 'train', instruction: 'Remove the <image> tag.', images: [] })
    const to = join(file, '..')
    const call = writeEngineData({ format, folder: to, samples: given([...two, astray]), images })
    await expect(call).rejects.toMatchObject({ code: 'DDA_ENGINE_DATA_PLACEHOLDER', sampleId: 'astray' })
    expect(await readFile(file, 'utf8')).toBe('older')
    expect((await readdir(to)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  },
)

test.each([
  ['no training sample', two.slice(1, 2), {}, 'DDA_ENGINE_DATA_EMPTY'],
  ['a prompt without the instruction', two, { prompt: { system: null, user: 'Plan!' } }, 'DDA_ENGINE_DATA_PROMPT'],
  ['a stop', two, { stopped: () => true }, 'DDA_ENGINE_DATA_STOPPED'],
] as const)('%s is an error', async (_, samples, more, code) => {
  await expect(write('verl', samples, more)).rejects.toMatchObject({ code })
})

test('without held-out samples verl is given the training data to validate on, and OpenRLHF nothing', async () => {
  const [verl, openrlhf] = [await write('verl', two.slice(0, 1)), await write('openrlhf', two.slice(0, 1))]
  expect(named(verl.files)).not.toContain('held-out.parquet')
  expect(await readFile(verl.files[1] ?? '', 'utf8')).toContain(`data.val_files=${verl.files[0]}`)
  expect(await readFile(openrlhf.files[1] ?? '', 'utf8')).not.toContain('eval')
})
