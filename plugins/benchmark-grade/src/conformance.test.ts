import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkSuite, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import plugin, { gradeBenchmark, type GradeOptions } from './index.ts'
import { readReasoning, readScore } from './read-answers.ts'

const DEFAULTS: GradeOptions = { denominator: 'released', parser: 'official' }
const entry = (task: string, consistency: string) => ({
  task_id: task,
  image_path: `pictures/${task}.png`,
  editing_path: `editing/${task}.png`,
  gt: `gt/${task}.png`,
  text: 'Shift the curve.',
  consistency,
  sub_task: 'curves',
  questions: [
    { id: 1, question: 'Is it shifted?', score: 0.7 },
    { id: 2, question: 'Is it labelled?', score: 0.3 },
  ],
})
const DATA = [
  entry('eco_1', 'overall'),
  entry('board_1', 'style'),
  entry('engineering_2', 'none'),
  entry('math_1', 'overall'),
]
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dda-grade-'))
  await writeFile(join(folder, 'result.json'), JSON.stringify(DATA))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const said = (...answers: readonly string[]) =>
  JSON.stringify(answers.map((answer) => ({ question: 'q', answer, reason: 'r' })))
const score = (value: unknown) => JSON.stringify({ Instruction: 'i', 'Final Score': value, Reason: 'r' })

describe.each<Partial<GradeOptions>>([{}, { denominator: 'all', parser: 'strict' }])('%j', (options) => {
  benchmarkSuite({
    test,
    factory: () => gradeBenchmark({ ...DEFAULTS, ...options }),
    data: () => folder,
    answer: ({ key }) => (key === 'reasoning' ? said('Yes', 'Yes') : score(2)),
  })
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { denominator: 'all', parser: 'strict', prompts: 'mine' } }],
  invalid: [{ options: { denominator: 'some' }, code: 'DDA_CONFIG_INVALID', at: 'denominator' }],
})

const POINTS = DATA[0]!.questions

test.each([
  [said('Yes', 'No'), 0.7, 0.7],
  [said('no', 'YES.'), 0.3, 0.3],
  ['```json\n' + said('Yes', 'Yes') + '\n```', 1, 1],
  // Matched by position; the official script takes the missing one for no.
  [said('Yes'), 0.7, undefined],
  [said('Yes, partly', 'no'), 0.7, undefined],
  [said('Yes', 'Yes', 'Yes'), undefined, undefined],
  ['[{"question": "q"}]', undefined, undefined],
  ['{"answer": "yes"}', undefined, undefined],
  ['Yes and yes.', undefined, undefined],
  ['', undefined, undefined],
] as const)('reasoning %j is %j, strictly %j', (answer, official, strict) => {
  const read = (parser: GradeOptions['parser']) => {
    const reading = readReasoning(answer, POINTS, parser)
    return 'value' in reading ? reading.value : undefined
  }
  expect([read('official'), read('strict')]).toEqual([official, strict])
})

test.each([
  [score(1), 1, 1],
  [score(7), 7, undefined],
  [score('2'), undefined, undefined],
  [score(null), undefined, undefined],
  ['{"Final Score": 2}', undefined, undefined],
  ['{"Instruction": "\\alpha", "Final Score": 2, "Reason": "r"}', 2, 2],
  ['bad response', undefined, undefined],
] as const)('consistency %j is %j, strictly %j', (answer, official, strict) => {
  const read = (parser: GradeOptions['parser']) => {
    const reading = readScore(answer, 'consistency', parser)
    return 'value' in reading ? reading.value : undefined
  }
  expect([read('official'), read('strict')]).toEqual([official, strict])
})

test('the formulas: of the means and of the items, domains by prefix, and an item that was not judged', async () => {
  const benchmark = gradeBenchmark(DEFAULTS)
  const items = await benchmark.load(folder)
  expect(items.map(({ category }) => category)).toEqual(['eco', 'sports', 'physics', 'math'])
  const answers = new Map([
    ['eco_1', { reasoning: said('Yes', 'Yes'), consistency: score(2), readability: score(2) }],
    ['board_1', { reasoning: said('Yes', 'No'), consistency: score(1), readability: score(2) }],
    ['engineering_2', { reasoning: said('Yes', 'Yes'), readability: score(1) }],
  ])
  const { rows, problems } = benchmark.score(items, answers)
  const [r, c, b] = [(100 + 70 + 100) / 3, (100 + 50) / 2, (100 + 100 + 50) / 3]
  const figures = rows[0]?.figures ?? {}
  expect(figures['reasoning']).toBeCloseTo(r, 9)
  expect(figures['consistency']).toBeCloseTo(c, 9)
  expect(figures['relaxed']).toBeCloseTo(0.6 * r + 0.3 * c + 0.1 * b, 9)
  expect(figures['relaxedPerItem']).toBeCloseTo((100 + (42 + 15 + 10) + (80 + 10)) / 3, 9)
  expect(figures['accuracy']).toBeCloseTo(1 / 3, 12)
  // Items without consistency: the official script would divide by zero.
  expect(rows.find(({ name }) => name === 'physics')?.figures).toMatchObject({ consistency: null, relaxed: null })
  expect(problems.map(({ item, question }) => `${item} ${question}`)).toEqual([
    'math_1 reasoning',
    'math_1 consistency',
    'math_1 readability',
  ])
  const all = gradeBenchmark({ ...DEFAULTS, denominator: 'all' }).score(items, answers)
  expect(all.rows[0]?.figures['accuracy']).toBe(1 / 4)
})

test('files that the official scripts gathered are scored as well', async () => {
  const results = await mkdtemp(join(tmpdir(), 'dda-grade-results-'))
  const put = (name: string, value: unknown) => writeFile(join(results, name), JSON.stringify(value))
  await put('gemini_flash_eval_1.json', [
    { score: 1, vqa: [{ id: 'eco_1' }] },
    { score: 0.7, vqa: [{ id: 'engineering_2' }] },
  ])
  await put('gemini_flash_consis_4.json', [
    { task_id: 'eco_1', 'Final Score': 2 },
    { task_id: 'engineering_2', 'Final Score': 'none' },
  ])
  await put('gemini_flash_read_4.json', [
    { task_id: 'eco_1', 'Final Score': 2 },
    { task_id: 'engineering_2', 'Final Score': 'bad response' },
  ])
  const benchmark = gradeBenchmark(DEFAULTS)
  const items = (await benchmark.load(folder)).filter(({ id }) => id === 'eco_1' || id === 'engineering_2')
  const { rows, problems } = benchmark.score(items, await benchmark.readAnswers(results, items))
  expect(rows[0]?.figures).toMatchObject({ accuracy: 0.5, reasoning: 85, consistency: 100, readability: 100 })
  expect(problems).toMatchObject([{ item: 'engineering_2', question: 'readability', problem: 'unparsable' }])
  await rm(results, { recursive: true })
})

test.each([
  ['no task_id', [{ ...DATA[0], task_id: undefined }], /item 1 has no task_id/],
  ['another consistency', [{ ...DATA[0], consistency: 'some' }], /expected overall, style or none/],
  ['questions without scores', [{ ...DATA[0], questions: [{ question: 'q' }] }], /no list of questions/],
  ['a path out of the folder', [{ ...DATA[0], gt: '/etc/x.png' }], /leaves/],
  ['one task twice', [DATA[0], DATA[0]], /another is eco_1 too/],
])('data with %s is refused by name', async (_, data, message) => {
  const file = join(folder, 'broken.json')
  await writeFile(file, JSON.stringify(data))
  await expect(gradeBenchmark(DEFAULTS).load(file)).rejects.toMatchObject({
    code: 'DDA_BENCHMARK_DATA',
    message: expect.stringMatching(message) as string,
  })
})
