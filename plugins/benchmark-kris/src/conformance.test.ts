import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkSuite, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import plugin, { krisBenchmark, type KrisOptions } from './index.ts'
import { temporalTask } from './temporal-task.ts'

const DEFAULTS: KrisOptions = { mean: 'pooled', parser: 'official' }
let folder = ''

/** Each kind of folder: plain, anomaly, viewpoint with its reference, several sources, frames, knowledge. */
const DATA = {
  color_change: { 1: { ori_img: '1.jpg', ins_en: 'Make it red.' } },
  anomaly_correction: { 1: { ori_img: '1.jpg', ins_en: 'Put it right.', explain_en: 'Clocks have one 3.' } },
  viewpoint_change: {
    1: { ori_img: '1.jpg', gt_img: '1_gt.jpg', ins_en: 'From the left.' },
    2: { ori_img: '2.jpg', ins_en: 'From above.' },
  },
  'multi-element_composition': { 1: { ori_img: ['1-1.jpg', '1-2.jpg'], ins_en: 'Put both together.' } },
  temporal_prediction: {
    1: { ori_img: ['1-1.jpg', '1-2.jpg', '1-3.jpg'], gt_img: '1-4.jpg', ins_en: 'What comes next?' },
    2: { ori_img: ['2-1.jpg', '2-2.jpg', '2-4.jpg'], gt_img: '2-3.jpg', ins_en: 'What is between?' },
    3: { ori_img: ['3-2.jpg', '3-3.jpg', '3-4.jpg'], ins_en: 'What came before?' },
  },
  chemistry: { 1: { ori_img: '1.jpg', ins_en: 'Add acid.', explain_en: 'Litmus turns red.' } },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dda-kris-'))
  for (const [name, annotation] of Object.entries(DATA)) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'annotation.json'), JSON.stringify(annotation))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const content = (key: string) =>
  key === 'joint'
    ? '{"instruction_score": 5, "knowledge_score": 5}'
    : JSON.stringify({ [`${key}_score`]: 5, reasoning: 'It is right.' })

describe.each<Partial<KrisOptions>>([{}, { mean: 'per-sample' }, { parser: 'strict' }])('%j', (options) => {
  benchmarkSuite({
    test,
    factory: () => krisBenchmark({ ...DEFAULTS, ...options }),
    data: () => folder,
    answer: ({ key }) => content(key),
  })
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { mean: 'per-sample', parser: 'strict', prompts: 'mine' } }],
  invalid: [
    { options: { mean: 'macro' }, code: 'DDA_CONFIG_INVALID', at: 'mean' },
    { options: { rules: 'released-2026-04' }, code: 'DDA_CONFIG_INVALID', at: 'rules' },
  ],
})

const benchmark = krisBenchmark(DEFAULTS)
const load = async () => new Map((await benchmark.load(folder)).map((item) => [item.id, item]))

test.each([
  ['color_change/1', ['consistency: source edited', 'instruction: source edited', 'quality: edited']],
  ['viewpoint_change/1', ['consistency: source edited', 'instruction: source edited reference', 'quality: edited']],
  ['viewpoint_change/2', ['consistency: source edited', 'instruction: source edited', 'quality: edited']],
  [
    'multi-element_composition/1',
    ['consistency: source source edited', 'instruction: source source edited', 'quality: edited'],
  ],
  [
    'temporal_prediction/1',
    ['consistency: source source source edited', 'instruction: source source source edited', 'quality: edited'],
  ],
  [
    'temporal_prediction/2',
    ['consistency: source source source edited', 'instruction: source source edited source', 'quality: edited'],
  ],
  [
    'temporal_prediction/3',
    ['consistency: source source source edited', 'instruction: edited source source source', 'quality: edited'],
  ],
  ['chemistry/1', ['consistency: source edited', 'joint: source edited', 'quality: edited']],
])('%s is judged by three calls with the pictures that belong to it', async (id, expected) => {
  const item = (await load()).get(id)
  const shown = item === undefined ? [] : benchmark.questions(item)
  expect(
    shown.map(
      ({ key, parts }) => `${key}: ${parts.flatMap((part) => ('image' in part ? [part.image] : [])).join(' ')}`,
    ),
  ).toEqual(expected)
})

test('the explanation reaches the questions that need it, anomalies among them', async () => {
  const items = await load()
  for (const [id, key, words] of [
    ['anomaly_correction/1', 'instruction', 'Clocks have one 3.'],
    ['chemistry/1', 'joint', 'Litmus turns red.'],
  ] as const) {
    const item = items.get(id)
    const question = item && benchmark.questions(item).find((found) => found.key === key)
    expect(JSON.stringify(question?.parts)).toContain(words)
  }
})

test('which frame is to be predicted is told by the names of pictures', async () => {
  const items = await load()
  const tasks = [1, 2, 3].map((id) => {
    const item = items.get(`temporal_prediction/${id}`)
    return item && temporalTask(item)
  })
  expect(tasks).toEqual(['forward', 'intermediate', 'reverse'])
})

test('what the official scripts wrote is read, and what we write they take as done', async () => {
  const results = await mkdtemp(join(tmpdir(), 'dda-kris-results-'))
  try {
    await mkdir(join(results, 'chemistry'))
    const metrics = {
      1: {
        consistency_score: 5,
        quality_score: 7,
        instruction_score: null,
        knowledge_score: 1,
        quality_reasoning: 'x',
      },
    }
    await writeFile(join(results, 'chemistry', 'metrics.json'), JSON.stringify(metrics))
    const items = (await benchmark.load(folder)).filter(({ category }) => category === 'chemistry')
    const answers = await benchmark.readAnswers(results, items)
    const official = benchmark.score(items, answers)
    expect(official.rows[0]?.figures['average']).toBe((100 + 150 + 0) / 3)
    expect(official.problems).toMatchObject([{ question: 'instruction', problem: 'missing' }])
    const strict = krisBenchmark({ ...DEFAULTS, parser: 'strict' }).score(items, answers)
    expect(strict.problems).toMatchObject([{ question: 'quality', problem: 'unparsable' }, { question: 'instruction' }])
  } finally {
    await rm(results, { recursive: true, force: true })
  }
})
