import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sample, SetAside, SynthesisContext } from '@dda-thinker/plugin-api'
import { createParquetFile } from '@dda-thinker/data-files'
import {
  collect,
  makeContext,
  makePng,
  type MemoryLog,
  synthesizerSuite,
  testPluginOptions,
} from '@dda-thinker/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import plugin, { datasetSynthesizer, REASONS, type DatasetOptions } from './index.ts'

const folder = await mkdtemp(join(tmpdir(), 'synthesizer-dataset-'))
afterAll(() => rm(folder, { recursive: true }))

const picture = (shade: number) => makePng({ width: 2, height: 2, pixel: () => [shade, shade, 7] })

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  return path
}

for (let shade = 0; shade < 12; shade += 1) await put(`${shade}.png`, picture(shade))

const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n')

async function read(options: Partial<DatasetOptions> & Pick<DatasetOptions, 'path'>, count = 100) {
  const aside: SetAside[] = []
  const context: SynthesisContext = { ...makeContext(), setAside: async (what) => void aside.push(what) }
  const request = { seed: 1, count: { train: count, 'held-out': count } }
  const samples = await collect(datasetSynthesizer({ heldOut: 0, ...options }).synthesize(request, context))
  return { samples, aside, context }
}

const brief = (aside: readonly SetAside[]) =>
  aside.map(({ where, reason }) => [Number(where.slice(where.lastIndexOf(':') + 1)), reason])

const complete = await put(
  'complete.jsonl',
  lines(
    Array.from({ length: 12 }, (_, shade) => ({
      image: `${shade}.png`,
      instruction: `Change ${shade}.`,
      reference: 'It changed.',
      checklist: ['Did it change?'],
      split: shade < 8 ? 'train' : 'test',
    })),
  ),
)
describe('a complete file', () => {
  synthesizerSuite({
    test,
    factory: () => datasetSynthesizer({ path: complete }),
    exactCounts: false,
    seeded: false,
  })
})

testPluginOptions(test, plugin, {
  valid: [
    { options: { path: 'a.jsonl' } },
    { options: { path: ['a.csv', 'b'], format: 'grade', columns: { image: ['a', 'b'] }, heldOut: 0, urls: true } },
  ],
  invalid: [
    { options: {}, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { path: 'a', heldOut: 2 }, code: 'DDA_CONFIG_INVALID', at: 'heldOut' },
    { options: { path: 'a', columns: { picture: 'a' } }, code: 'DDA_CONFIG_INVALID', at: 'columns.picture' },
  ],
})

test('instruction and picture are enough; each bad row is told by number and reason, and the rest goes on', async () => {
  await put('fake.png', 'no picture')
  const path = await put(
    'mixed.jsonl',
    lines([
      { image: '0.png', instruction: ' Rot it. ' },
      { image: '1.png', instruction: ' ' },
      { image: [], instruction: 'x' },
      { image: 'gone.png', instruction: 'x' },
      { image: '../../../etc/passwd', instruction: 'x' },
      { image: '/etc/passwd', instruction: 'x' },
      { image: 'fake.png', instruction: 'x' },
      { image: 'https://example.org/a.png', instruction: 'x' },
      { image: '0.png', instruction: 'Rot it.' },
      { image: '2.png', instruction: 'x', checklist: [{ question: 'Is it?', scope: 'olfactory' }] },
    ]) +
      '\n{\n' +
      JSON.stringify({ image: '3.png', instruction: 'Grow it.' }),
  )
  const { samples, aside } = await read({ path })
  expect(
    samples.map(({ instruction, reference, checklist, category }) => [instruction, reference, checklist, category]),
  ).toEqual([
    ['Rot it.', '', [], 'general'],
    ['Grow it.', '', [], 'general'],
  ])
  expect(brief(aside)).toEqual([
    [2, REASONS.noInstruction],
    [3, REASONS.noPicture],
    [4, REASONS.pictureMissing],
    [5, REASONS.pictureOutside],
    [6, REASONS.pictureOutside],
    [7, REASONS.pictureUnusable],
    [8, REASONS.pictureUrl],
    [9, REASONS.repeated],
    [10, REASONS.checklist],
    [11, REASONS.unreadable],
  ])
})

test('rows without ids of their own have different ones, whatever their files are called', async () => {
  const row = (shade: number) => lines([{ image: join(folder, `${shade}.png`), instruction: `Change ${shade}.` }])
  const kris = (shade: number) =>
    JSON.stringify({ 1: { ori_img: join(folder, `${shade}.png`), ins_en: `Turn ${shade}.` } })
  // The same name in each folder: splits of `imagefolder`, categories of KRIS, two files of one project.
  await put('splits/train/metadata.jsonl', row(0))
  await put('splits/test/metadata.jsonl', row(1))
  await put('KRIS_Bench/color_change/annotation.json', kris(2))
  await put('KRIS_Bench/biology/annotation.json', kris(3))
  const files = [await put('one/rows.jsonl', row(4)), await put('two/rows.jsonl', row(5))]
  const path = [join(folder, 'splits'), join(folder, 'KRIS_Bench'), ...files]
  const { samples, aside } = await read({ path, imageRoot: folder })
  expect(aside).toEqual([])
  expect(samples.map(({ id, category, split }) => [id, category, split])).toEqual([
    ['test/metadata/1', 'general', 'held-out'],
    ['train/metadata/1', 'general', 'train'],
    ['biology/annotation/1', 'biology', 'train'],
    ['color_change/annotation/1', 'color_change', 'train'],
    ['rows/1', 'general', 'train'],
    ['two/rows/1', 'general', 'train'],
  ])
})

test('of a folder of pictures and texts the columns are said once, and a picture without a text is set aside', async () => {
  for (const shade of [0, 1, 2]) {
    await put(`pairs/${shade}.png`, picture(shade))
    await put(`pairs/${shade}.txt`, `Change ${shade}.`)
  }
  await put('pairs/3.png', picture(3))
  const said: string[] = []
  const aside: SetAside[] = []
  const made = makeContext()
  const context: SynthesisContext = {
    ...made,
    log: { ...made.log, info: (line) => void said.push(line) },
    setAside: async (what) => void aside.push(what),
  }
  const request = { seed: 1, count: { train: 100, 'held-out': 100 } }
  const samples = await collect(datasetSynthesizer({ path: join(folder, 'pairs') }).synthesize(request, context))
  expect(samples.map(({ id }) => id)).toEqual(['0/0', '1/1', '2/2'])
  expect(said).toEqual([expect.stringContaining(join('pairs', '*.txt: images ← image'))])
  expect(aside).toEqual([{ where: `${join(folder, 'pairs', '3.png')}:1`, reason: REASONS.noInstruction }])
})

const data = (shade: number) => Buffer.from(picture(shade)).toString('base64')
const FILES: readonly (readonly [string, unknown, Partial<Sample>])[] = [
  [
    'unified-thinker.jsonl',
    {
      ref_imgs: ['0.png', '1.png'],
      edit_prompt: '<image>Rot it.',
      edit_prompt_cot: 'Rotten.',
      task_type: 'edit',
      domain: 'physics',
      tgt_images: ['2.png'],
    },
    { instruction: 'Rot it.', reference: 'Rotten.', category: 'physics', subtask: 'edit' },
  ],
  [
    'editthinker.jsonl',
    { origin_image_path: '0.png', edited_image_path: '1.png', origin_prompt: 'Rot it.', rewritten_prompt: 'y' },
    { instruction: 'Rot it.' },
  ],
  [
    'data.json',
    [
      {
        original_image_path: '0.png',
        reference_image_path: '1.png',
        instruction: 'Move.',
        rules: 'Knights jump.',
        name: 'chess',
        idx: 3,
        reference_effect: 'Moved.',
      },
    ],
    { id: 'chess#3', instruction: 'Knights jump.\nMove.', reference: 'Moved.', category: 'chess' },
  ],
  [
    'result.json',
    [
      {
        image_path: '0.png',
        editing_path: 'x.png',
        gt: '1.png',
        text: 'Shift it.',
        task_id: 'eco_macro_001',
        consistency: 'overall',
        sub_task: 'Macro',
        questions: [
          { id: 'Q1', question: 'Is it right?', score: 0.75 },
          { id: 'Q2', question: 'Labelled?', score: 0.25 },
        ],
      },
    ],
    {
      id: 'eco_macro_001',
      category: 'eco',
      subtask: 'Macro',
      checklist: [
        { id: 'Q1', scope: 'visual', question: 'Is it right?', expected: 'yes', weight: 0.75 },
        { id: 'Q2', scope: 'visual', question: 'Labelled?', expected: 'yes', weight: 0.25 },
      ],
    },
  ],
  [
    'RE-Edit.json',
    [{ subset: 'causal', src_img_b64: data(5), edit_instruction_en: 'Drop it.', rationale_short_en: 'It breaks.' }],
    { instruction: 'Drop it.', category: 'causal', reference: 'It breaks.' },
  ],
  [
    'data_total.json',
    [
      {
        index: 'temporal_reasoning_1',
        category: 'temporal_reasoning',
        instruction: 'A year.',
        image: '0.png',
        reference: 'Rotten.',
      },
    ],
    { id: 'temporal_reasoning_1', category: 'temporal', reference: 'Rotten.' },
  ],
]

test.each(FILES)('%s is known by its fields', async (name, rows, wanted) => {
  const path = await put(name, name.endsWith('.jsonl') ? JSON.stringify(rows) : JSON.stringify(rows))
  const { samples, aside } = await read({ path })
  expect(aside).toEqual([])
  expect(samples).toMatchObject([wanted])
  const pictures = name.startsWith('unified') ? 2 : 1
  expect(samples[0]?.images).toHaveLength(pictures)
  expect(samples[0]?.referenceImage !== undefined).toBe(
    ['unified-thinker.jsonl', 'data.json', 'result.json'].includes(name),
  )
})

test.each(['reference_image', 'reference_img', 'edited_image_path', 'gt_img', 'after_image'])(
  'a picture of the ideal result is found in the column %s, and where it is named',
  async (column) => {
    const [rows, other] = [column, 'ideal'].map((name) =>
      lines([{ image: '0.png', instruction: 'Rot it.', [name]: '1.png' }]),
    )
    const found = (await read({ path: await put('ideal.jsonl', rows ?? '') })).samples[0]
    const named = await read({
      path: await put('named.jsonl', other ?? ''),
      columns: { referenceImage: 'ideal' },
    })
    expect(found?.referenceImage).toBeDefined()
    expect(found?.referenceImage).toEqual(named.samples[0]?.referenceImage)
    expect(found?.images).toHaveLength(1)
  },
)

test.each([
  ['target', 'the left banana'],
  ['target', ['a banana', 'a table']],
  ['target', 7],
])('a column %s that holds %j is no reference picture: it is said, and the rows are samples', async (column, value) => {
  const rows = [{ image: '0.png', instruction: 'Rot it.', [column]: value }]
  const { samples, aside, context } = await read({ path: await put('texts.jsonl', lines(rows)) })
  expect(aside).toEqual([])
  expect(samples).toHaveLength(1)
  expect(samples[0]).not.toHaveProperty('referenceImage')
  expect((context.log as MemoryLog).lines.join()).toContain(`"${column}" holds no picture here`)
  const named = await read({ path: await put('texts.jsonl', lines(rows)), columns: { referenceImage: column } })
  expect(brief(named.aside)).toEqual([[1, expect.any(String)]])
})

test('which column of a usual name is meant is told by what it holds', async () => {
  const rows = [
    { source: 'the web', input: '0.png', instruction: 'Rot it.', target: 'banana', gt_img: '1.png' },
    { source: 'a book', input: '2.png', instruction: 'Grow it.', target: '3.png' },
    { source: 'a book', input: '4.png', instruction: 'Turn it.', target: 'banana' },
  ]
  const { samples, aside } = await read({ path: await put('meant.jsonl', lines(rows)) })
  expect(aside).toEqual([])
  expect(samples.map(({ referenceImage }) => referenceImage !== undefined)).toEqual([true, false, false])
  const described = [{ image: '0.png', instruction: 'Rot it.', reference: '1.png', description: 'A brown banana.' }]
  const [sample] = (await read({ path: await put('described.jsonl', lines(described)) })).samples
  expect(sample).toMatchObject({ reference: 'A brown banana.', referenceImage: expect.anything() })
})

test('Parquet of `datasets`, CSV by a column map, and nested columns', async () => {
  const path = join(folder, 'hub.parquet')
  const file = await createParquetFile(path, [
    { name: 'image', type: 'picture' },
    { name: 'prompt', type: 'text' },
  ])
  await file.write({ image: { bytes: picture(9), path: 'a.png' }, prompt: 'Rot it.' })
  await file.commit()
  expect((await read({ path })).samples).toMatchObject([{ instruction: 'Rot it.', id: 'hub/1' }])
  const csv = await put('own.csv', 'before,after,wish\n0.png,1.png,Swap\n')
  const two = await read({ path: csv, columns: { image: ['before', 'after'], instruction: 'wish' } })
  expect(two.samples[0]?.images).toHaveLength(2)
  const nested = await put('nested.jsonl', lines([{ a: { pic: '0.png' }, t: { w: { en: 'Go' } } }]))
  expect((await read({ path: nested, columns: { image: 'a.pic', instruction: 't.w.en' } })).samples).toMatchObject([
    { instruction: 'Go' },
  ])
})

test('columns that are not there, or cannot be recognised, end in a code that lists those that are', async () => {
  const path = await put('strange.csv', 'pic,wish\n0.png,Go\n')
  const code = 'DDA_DATASET_COLUMNS'
  await expect(read({ path })).rejects.toMatchObject({ code, message: expect.stringContaining('pic, wish') as string })
  await expect(read({ path, columns: { image: 'pik', instruction: 'wish' } })).rejects.toMatchObject({ code })
})

test('no source picture is in both splits, and the share of held-out ones is about what was asked for', async () => {
  const many = await put(
    'many.jsonl',
    lines(
      Array.from({ length: 240 }, (_, i) => ({
        image: `data:image/png;base64,${data(i % 120)}`,
        instruction: `Do ${i}.`,
      })),
    ),
  )
  const { samples } = await read({ path: many, heldOut: 0.25 }, 1000)
  expect(samples).toHaveLength(240)
  const split = new Map<string, string>()
  for (const {
    images: [image],
    split: of,
  } of samples)
    expect(split.get(image?.hash ?? '') ?? of).toBe((split.set(image?.hash ?? '', of), of))
  const held = samples.filter((sample) => sample.split === 'held-out').length
  expect(held).toBeGreaterThan(30)
  expect(held).toBeLessThan(100)
})

test('what the first row of JSON lines lacks is read where a later one has it', async () => {
  const path = await put(
    'later.jsonl',
    lines([
      { image: '0.png', instruction: 'Melt it.' },
      { image: ['1.png', '2.png'], instruction: 'Join them.', reference: 'One.', checklist: ['Is it one?'] },
    ]),
  )
  const { samples } = await read({ path })
  expect(samples).toMatchObject([
    { instruction: 'Melt it.', reference: '', checklist: [], category: 'general' },
    { images: [{}, {}], reference: 'One.', checklist: [{ scope: 'visual', question: 'Is it one?', expected: 'yes' }] },
  ])
})

test('the example is read', async () => {
  const { samples, aside } = await read({ path: fileURLToPath(new URL('../examples/rows.jsonl', import.meta.url)) })
  expect(aside).toEqual([])
  expect(samples.map(({ checklist }) => checklist.length)).toEqual([3, 0, 0, 0, 0, 0, 0, 0])
  expect(samples.filter(({ split }) => split === 'held-out')).toHaveLength(4)
})
