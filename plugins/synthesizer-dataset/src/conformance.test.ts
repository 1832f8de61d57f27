import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Sample, type SetAside } from '@dda-thinker/plugin-api'
import { collect, makeContext, synthesizerSuite, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import plugin, { datasetSynthesizer, REASONS } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'dda-dataset-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'
const image = `data:image/png;base64,${PNG}`

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const jsonl = (name: string, rows: readonly unknown[]) => file(name, rows.map((row) => JSON.stringify(row)).join('\n'))

async function made(
  options: Parameters<typeof datasetSynthesizer>[0],
): Promise<{ samples: Sample[]; aside: SetAside[] }> {
  const aside: SetAside[] = []
  const context = { ...makeContext(), setAside: (row: SetAside) => void aside.push(row) }
  const request = { seed: 1, count: { train: 100, 'held-out': 100 } }
  return { samples: await collect(datasetSynthesizer(options).synthesize(request, context)), aside }
}

describe('conformance', () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({
    image,
    instruction: `Edit number ${i}.`,
    split: i < 8 ? 'train' : 'test',
  }))
  synthesizerSuite({
    test,
    factory: () => datasetSynthesizer({ path: jsonl('suite.jsonl', rows) }),
    exactCounts: false,
    seeded: false,
    complete: false,
  })
  testPluginOptions(test, plugin, {
    valid: [{ options: { path: 'rows.csv' } }, { options: { path: ['a', 'b'], columns: { image: ['x', 'y'] } } }],
    invalid: [
      { options: {}, code: 'DDA_CONFIG_INVALID' },
      { options: { path: 'a', format: 'other' }, code: 'DDA_CONFIG_INVALID' },
      { options: { path: 'a', heldOut: 2 }, code: 'DDA_CONFIG_INVALID', at: 'heldOut' },
    ],
  })
})

test('an instruction and a picture are enough; reference, checklist and two pictures are taken where they are there', async () => {
  const path = jsonl('columns.jsonl', [
    { image, instruction: 'Melt it.' },
    {
      image: [image, image],
      instruction: 'Join them.',
      reference: 'One.',
      checklist: ['Is it one?'],
      category: 'logical',
    },
  ])
  const { samples, aside } = await made({ path, heldOut: 0 })
  expect(aside).toEqual([])
  expect(samples).toMatchObject([
    { instruction: 'Melt it.', checklist: [], category: 'general', split: 'train' },
    { images: [{}, {}], reference: 'One.', category: 'logical' },
  ])
  expect(samples[1]?.checklist).toMatchObject([{ scope: 'visual', question: 'Is it one?', expected: 'yes' }])
})

test('rows that cannot be samples are set aside with row number and reason, and the rest goes on', async () => {
  const path = file(
    'bad.jsonl',
    [
      JSON.stringify({ image, instruction: 'Good.' }),
      '{"image": ',
      JSON.stringify({ image, instruction: '' }),
      JSON.stringify({ image: null, instruction: 'No picture.' }),
      JSON.stringify({ image: 'not-there.png', instruction: 'Gone.' }),
      JSON.stringify({ image: '../../etc/hosts', instruction: 'Outside.' }),
      JSON.stringify({ image: 'https://example.org/a.png', instruction: 'By URL.' }),
      JSON.stringify({ image: 'data:image/png;base64,AAAA', instruction: 'Broken.' }),
      JSON.stringify({ image, instruction: 'Weighed.', checklist: [{ question: 'A?', weight: -1 }] }),
      JSON.stringify({ image, instruction: 'Good.' }),
      JSON.stringify({ image, instruction: 'Good too.' }),
    ].join('\n'),
  )
  const { samples, aside } = await made({ path, heldOut: 0 })
  expect(samples.map(({ instruction }) => instruction)).toEqual(['Good.', 'Good too.'])
  expect(aside.map(({ where, reason }) => [where.split(':').at(-1), reason])).toEqual([
    ['2', REASONS.unreadable],
    ['3', REASONS.noInstruction],
    ['4', REASONS.noPicture],
    ['5', REASONS.pictureMissing],
    ['6', REASONS.pictureOutside],
    ['7', REASONS.pictureUrl],
    ['8', REASONS.pictureUnusable],
    ['9', REASONS.checklist],
    ['10', REASONS.repeated],
  ])
})

test.each([
  ['csv', `image,prompt,category\n"${image}","Peel it, please.",causal\n`],
  ['tsv', `image\tprompt\tcategory\n${image}\tPeel it, please.\tcausal\n`],
  ['json', JSON.stringify([{ image, prompt: 'Peel it, please.', category: 'causal' }])],
])('%s files', async (ending, text) => {
  const { samples } = await made({ path: file(`rows.${ending}`, text) })
  expect(samples).toMatchObject([{ instruction: 'Peel it, please.', category: 'causal' }])
})

test.each([
  [
    'unified-thinker',
    { id: 'u1', edit_prompt: '<image> Rot it.', edit_prompt_cot: 'It rots.', ref_imgs: [image], task_type: 'temporal' },
  ],
  ['editthinker', { origin_prompt: 'Rot it.', origin_image_path: image, task_type: 'temporal' }],
  [
    'uniredit',
    { original_image_path: image, instruction: 'Rot it.', reference_effect: 'It rots.', name: 'temporal', idx: 1 },
  ],
  ['re-edit', { src_img_b64: PNG, edit_instruction_en: 'Rot it.', subset: 'temporal', rationale_short_en: 'It rots.' }],
])('rows of %s are known by their fields', async (name, row) => {
  const { samples } = await made({ path: jsonl(`${name}.jsonl`, [row]) })
  expect(samples).toMatchObject([{ instruction: 'Rot it.', category: 'temporal' }])
})

test('the weighted questions of GRADE become a visual checklist', async () => {
  const questions = [{ id: 1, question: 'Is it green?', score: 3 }]
  const row = { task_id: 'eco_macro_001', text: 'Water it.', image_path: image, questions, sub_task: 'macro' }
  const { samples } = await made({ path: jsonl('grade.jsonl', [row]) })
  expect(samples[0]).toMatchObject({ id: 'eco_macro_001', category: 'eco', subtask: 'macro' })
  expect(samples[0]?.checklist).toEqual([
    { id: '1', scope: 'visual', question: 'Is it green?', expected: 'yes', weight: 3 },
  ])
})

test('a column that is not there ends with its code and the names that are', async () => {
  const path = jsonl('named.jsonl', [{ image, instruction: 'x' }])
  await expect(made({ path, columns: { instruction: 'wish' } })).rejects.toMatchObject({
    code: 'DDA_DATASET_COLUMNS',
    message: expect.stringContaining('image, instruction'),
  })
})

test('the example is read', async () => {
  const path = fileURLToPath(new URL('../examples/rows.jsonl', import.meta.url))
  const { samples, aside } = await made({ path, heldOut: 0 })
  expect(aside).toEqual([])
  expect(samples.map(({ id, checklist }) => [id, checklist.length])).toEqual([
    ['banana', 3],
    ['ice', 0],
  ])
})
