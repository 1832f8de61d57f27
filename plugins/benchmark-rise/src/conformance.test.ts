import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkSuite, makeContext, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import plugin, { riseBenchmark, type RiseOptions } from './index.ts'
import { writeRiseData } from './rise.fixture.ts'

const DEFAULTS: RiseOptions = { rules: 'released-2026-04', score: 'released', parser: 'official' }
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dda-rise-'))
  await writeRiseData(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each<Partial<RiseOptions>>([{}, { rules: 'before-2026-04', score: 'intended' }, { parser: 'strict' }])(
  '%j',
  (options) => {
    benchmarkSuite({
      test,
      factory: () => riseBenchmark({ ...DEFAULTS, ...options }),
      data: () => folder,
      answer: (_, { category }) => `Right.\n**Final Score:** ${category === 'logical_reasoning' ? 1 : 5}`,
    })
  },
)

testPluginOptions(test, plugin, {
  valid: [
    { options: {} },
    { options: { rules: 'before-2026-04', score: 'intended', parser: 'strict', prompts: 'mine' } },
  ],
  invalid: [
    { options: { rules: 'newest' }, code: 'DDA_CONFIG_INVALID', at: 'rules' },
    { options: { mean: 'pooled' }, code: 'DDA_CONFIG_INVALID', at: 'mean' },
  ],
})

const benchmark = riseBenchmark(DEFAULTS)
const find = async (id: string) => {
  const item = (await benchmark.load(folder)).find((found) => found.id === id)
  if (item === undefined) throw new Error(`no ${id}`)
  return item
}
/** What each question shows: `judge1: source edited`. */
const shown = async (id: string) =>
  benchmark
    .questions(await find(id))
    .map(({ key, parts }) => `${key}: ${parts.flatMap((part) => ('image' in part ? [part.image] : [])).join(' ')}`)

test.each([
  ['temporal_reasoning_1', ['judge1: source edited', 'judge2: edited', 'judge3: edited']],
  ['temporal_reasoning_2', ['judge2: edited', 'judge3: edited']],
  ['causal_reasoning_1', ['judge1: source edited', 'judge2: source edited', 'judge3: edited']],
  ['spatial_reasoning_1', ['judge1: reference edited', 'judge2: reference edited', 'judge3: edited']],
  ['spatial_reasoning_2', ['judge1: source edited', 'judge2: source edited', 'judge3: edited']],
  ['logical_reasoning_1', ['judge1: reference edited', 'judge2: reference edited']],
  ['logical_reasoning_2', ['judge1: source edited', 'judge2: edited']],
])('%s is judged by the pictures that the official script sends', async (id, expected) => {
  expect(await shown(id)).toEqual(expected)
})

test('the reference of an item is in its question, and the instruction of a puzzle without question is not', async () => {
  const text = async (id: string, key: string) => {
    const question = benchmark.questions(await find(id)).find((found) => found.key === key)
    return question?.parts.map((part) => ('text' in part ? part.text : '')).join('') ?? ''
  }
  expect(await text('logical_reasoning_2', 'judge2')).toContain('Seven.')
  expect(await text('logical_reasoning_1', 'judge2')).toContain('number 6')
  expect(await text('logical_reasoning_3', 'judge2')).not.toContain('number 8')
})

test('prompts of the user replace ours by name, change the fingerprint, and another name is an error', async () => {
  const prompts = join(folder, 'prompts')
  await mkdir(prompts, { recursive: true })
  await writeFile(join(prompts, 'logical-by-text.md'), 'Is it {reference}? {not a name}')
  const own = riseBenchmark(DEFAULTS, prompts)
  await own.open?.(makeContext())
  const [, question] = own.questions(await find('logical_reasoning_2'))
  expect(question?.parts[0]).toEqual({ text: 'Is it Seven.? {not a name}' })
  expect(own.fingerprint).not.toBe(benchmark.fingerprint)
  await writeFile(join(prompts, 'consistancy.md'), 'x')
  await expect(riseBenchmark(DEFAULTS, prompts).open?.(makeContext())).rejects.toMatchObject({
    code: 'DDA_BENCHMARK_PROMPTS',
    next: expect.stringContaining('consistency') as string,
  })
})

test.each([
  ['no list', '{}', /not a list/],
  [
    'an unknown category',
    '[{"index":"a","category":"musical","instruction":"x","image":"a.png"}]',
    /category is "musical"/,
  ],
  ['no instruction', '[{"index":"a","category":"causal_reasoning","image":"a.png"}]', /item 1 has no instruction/],
  [
    'a path out of the folder',
    '[{"index":"a","category":"causal_reasoning","instruction":"x","image":"../a.png"}]',
    /leaves/,
  ],
  [
    'an index that is a path',
    '[{"index":"../a","category":"causal_reasoning","instruction":"x","image":"a.png"}]',
    /no name/,
  ],
  ['broken JSON', '[{', /not JSON/],
])('data with %s is refused by name', async (_, json, message) => {
  const file = join(folder, 'broken.json')
  await writeFile(file, json)
  await expect(benchmark.load(file)).rejects.toMatchObject({
    code: 'DDA_BENCHMARK_DATA',
    message: expect.stringMatching(message) as string,
  })
})

test('what the official script cannot go on with is a problem of its item, not the end', async () => {
  const items = await benchmark.load(folder)
  const good = { judge1: 'Final Score: 5', judge2: 'Final Score: 5', judge3: 'Final Score: 5' }
  const logical = { judge1: 'Final Score: 1', judge2: 'Final Score: 1' }
  const answers = new Map<string, Record<string, string | null>>(
    items.map(({ id, category }) => [id, category === 'logical_reasoning' ? logical : good]),
  )
  answers.set('temporal_reasoning_1', { ...good, judge2: 'Final Score: 4, 5' })
  answers.set('causal_reasoning_1', { ...good, judge3: 'Failed to obtain answer via API. ' })
  answers.delete('spatial_reasoning_1')
  const { rows, problems } = benchmark.score(items, answers)
  expect(problems.map(({ item, question, problem }) => `${item} ${question} ${problem}`)).toEqual([
    'temporal_reasoning_1 judge2 unparsable',
    'causal_reasoning_1 judge3 unparsable',
    'spatial_reasoning_1 judge1 missing',
    'spatial_reasoning_1 judge2 missing',
    'spatial_reasoning_1 judge3 missing',
  ])
  expect(rows[0]).toMatchObject({
    name: 'Overall',
    n: 9,
    measured: 6,
    figures: { score: 5, percentage: 100, accuracy: 6 / 9 },
  })
})
