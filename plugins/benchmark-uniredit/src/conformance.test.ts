import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkSuite, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import plugin, { unireditBenchmark, type UnireditOptions } from './index.ts'

const DEFAULTS: UnireditOptions = { unusable: 'released', parser: 'official' }
const entry = (name: string, idx: number, more: object = {}) => ({
  name,
  idx,
  original_image_path: `${name}/original_image/${idx}.png`,
  reference_image_path: `${name}/reference_image/${idx}.png`,
  instruction: 'Do it.',
  reference_effect: 'It is done.',
  ...more,
})
const DATA = [
  entry('maze', 1, { rules: 'Walls are black.' }),
  entry('maze', 2, { rules: '' }),
  entry('attribute', 1, { rules: null }),
]
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dda-uniredit-'))
  await writeFile(join(folder, 'data.json'), JSON.stringify(DATA))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each<Partial<UnireditOptions>>([{}, { unusable: 'unsolved', parser: 'strict' }])('%j', (options) => {
  benchmarkSuite({
    test,
    factory: () => unireditBenchmark({ ...DEFAULTS, ...options }),
    data: () => folder,
    answer: () => 'Right.\n**Final Score:** 5',
  })
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { unusable: 'unsolved', parser: 'strict', prompts: 'mine' } }],
  invalid: [{ options: { unusable: 'dropped' }, code: 'DDA_CONFIG_INVALID', at: 'unusable' }],
})

test('judges see the pictures that the official script sends, and rules of games stand before the task', async () => {
  const benchmark = unireditBenchmark(DEFAULTS)
  const items = await benchmark.load(folder)
  expect(items.map(({ id, output }) => [id, output])).toEqual([
    ['maze#1', 'maze/1'],
    ['maze#2', 'maze/2'],
    ['attribute#1', 'attribute/1'],
  ])
  expect(items.map(({ instruction }) => instruction)).toEqual(['Walls are black.\nDo it.', 'Do it.', 'Do it.'])
  const shown = benchmark
    .questions(items[0]!)
    .map(({ key, parts }) => [key, parts.flatMap((part) => ('image' in part ? [part.image] : [])).join(' ')])
  expect(shown).toEqual([
    ['judge1', 'source edited'],
    ['judge2', 'source reference edited'],
    ['judge3', 'edited'],
  ])
})

const say = (score: number | string) => `So.\n**Final Score:** ${score}`

test('the formula: no halving, the first number, and what cannot be used leaves every mean', async () => {
  const benchmark = unireditBenchmark(DEFAULTS)
  const items = await benchmark.load(folder)
  const answers = new Map([
    // RISE-Bench would halve this one.
    ['maze#1', { judge1: say(5), judge2: say(1), judge3: say('4, 5') }],
    ['maze#2', { judge1: say(5), judge2: '', judge3: say(5) }],
    ['attribute#1', { judge1: say(5), judge2: say(5), judge3: say(5) }],
  ])
  const { rows, problems } = benchmark.score(items, answers)
  const first = 0.3 * 5 + 0.5 * 1 + 0.2 * 4
  expect(rows.map(({ name }) => name)).toEqual([
    'Overall',
    'Class-attribute',
    'Class-maze',
    'Overall_Reasoning',
    'Overall_ApprConsistency',
    'Overall_VisualPlausibility',
  ])
  expect(rows[0]?.figures['score']).toBeCloseTo((first + 5) / 2, 12)
  expect(rows[0]?.figures['accuracy']).toBe(0.5)
  expect(rows[2]).toMatchObject({ n: 2, measured: 1, figures: { accuracy: 0 } })
  expect(rows[3]?.figures['score']).toBe(3)
  expect(problems).toMatchObject([{ item: 'maze#2', question: 'judge2', problem: 'missing' }])
  const counted = unireditBenchmark({ ...DEFAULTS, unusable: 'unsolved' }).score(items, answers)
  expect(counted.rows[0]?.figures['accuracy']).toBeCloseTo(1 / 3, 12)
  const strict = unireditBenchmark({ ...DEFAULTS, parser: 'strict' }).score(items, answers)
  expect(strict.problems).toMatchObject([{ item: 'maze#1', problem: 'unparsable' }, { item: 'maze#2' }])
})

test.each([
  ['no name', [{ ...DATA[0], name: undefined }], /item 1 has no name/],
  ['a name that is a path', [{ ...DATA[0], name: '../a' }], /no name of a folder/],
  ['a path out of the folder', [{ ...DATA[0], original_image_path: '../a.png' }], /leaves/],
  ['no reference picture', [{ ...DATA[0], reference_image_path: '' }], /has no reference_image_path/],
  ['one item twice', [DATA[0], DATA[0]], /another is maze#1 too/],
])('data with %s is refused by name', async (_, data, message) => {
  const file = join(folder, 'broken.json')
  await writeFile(file, JSON.stringify(data))
  await expect(unireditBenchmark(DEFAULTS).load(file)).rejects.toMatchObject({
    code: 'DDA_BENCHMARK_DATA',
    message: expect.stringMatching(message) as string,
  })
})
