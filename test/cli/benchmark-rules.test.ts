import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { root, temporaryFolder, type Parsed } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

vi.setConfig({ testTimeout: 600_000 })

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const recorded = (plugin: string): Parsed =>
  JSON.parse(readFileSync(join(root, 'plugins', plugin, 'src/official-table.fixture.json'), 'utf8'))

function write(path: string, value: unknown): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), JSON.stringify(value))
}

const score = (benchmark: string, ...args: readonly string[]) =>
  ddaHere(
    folder,
    'benchmark',
    'score',
    benchmark,
    '--data',
    `${benchmark}/data`,
    '--results',
    `${benchmark}/results`,
    ...args,
  )

/** What the JSON of every benchmark holds. */
const WHOLE = {
  rules: expect.any(Object),
  n: expect.any(Number),
  coverage: expect.any(Number),
  unparsable: expect.any(Number),
  missing: expect.any(Number),
  overall: { n: expect.any(Number), measured: expect.any(Number) },
}

test('kris: pooled and per-sample, what is missing, and what the strict parser refuses', async () => {
  const { sizes, cases } = recorded('benchmark-kris')
  const { metrics, rows } = cases.find(({ name }: Parsed) => name === 'holes')
  for (const [name, size] of Object.entries(sizes as Record<string, number>)) {
    const ids = Array.from({ length: size }, (_, at) => String(at + 1))
    write(
      `kris/data/${name}/annotation.json`,
      Object.fromEntries(ids.map((id) => [id, { ori_img: 'a.jpg', ins_en: 'x' }])),
    )
    if (metrics[name] !== undefined) write(`kris/results/${name}/metrics.json`, metrics[name])
  }
  const pooled = (await score('kris', '--mean', 'pooled')).data
  expect(pooled).toMatchObject(WHOLE)
  expect(pooled.rules).toEqual({ mean: 'pooled', parser: 'official' })
  for (const [name, figures] of Object.entries(rows as Record<string, Record<string, number>>)) {
    const row =
      name === 'Overall' ? pooled.overall : { ...pooled.subtasks, ...pooled.dimensions, ...pooled.categories }[name]
    for (const [figure, value] of Object.entries(figures)) {
      expect(row[figure === 'AVG' ? 'average' : figure], `${name} ${figure}`).toBeCloseTo(value, 9)
    }
  }
  expect(Object.keys(pooled.categories)).toHaveLength(3)
  expect(Object.keys(pooled.dimensions)).toHaveLength(7)
  expect(pooled.missing).toBeGreaterThan(0)
  expect(pooled.coverage).toBeCloseTo(1 - pooled.missing / pooled.n, 9)
  expect((await score('kris')).data.overall).toEqual(pooled.overall)

  // By hand: the mean of each item's own mean.
  const each = Object.values(metrics as Record<string, Record<string, Record<string, number | null>>>)
    .flatMap((entries) => Object.values(entries))
    .map((scores) => Object.values(scores).filter((one) => typeof one === 'number'))
    .filter(({ length }) => length > 0)
    .map((scores) => scores.reduce((sum, one) => sum + one, 0) / scores.length)
  const perSample = (await score('kris', '--mean', 'per-sample')).data
  expect(perSample.overall.average).toBeCloseTo(25 * (each.reduce((sum, one) => sum + one, 0) / each.length - 1), 9)
  expect(Math.abs(perSample.overall.average - pooled.overall.average)).toBeGreaterThan(0.01)

  const outside = cases.find(({ name }: Parsed) => name === 'numbers out of range').metrics
  for (const name of Object.keys(outside)) write(`kris/results/${name}/metrics.json`, outside[name])
  const [official, strict] = [(await score('kris')).data, (await score('kris', '--parser', 'strict')).data]
  expect(official.unparsable).toBe(0)
  expect(strict.unparsable).toBeGreaterThan(0)
  expect(strict.n).toBe(official.n)
})

test('grade: accuracy of the items that could be judged, or of all', async () => {
  const { items, answers, table } = recorded('benchmark-grade')
  const given = items.map((item: object) => ({ ...item, text: 'x', image_path: 'a.png', gt: 'b.png' }))
  write('grade/data/result.json', given)
  const final = (value: number) => JSON.stringify({ Instruction: 'i', 'Final Score': value, Reason: 'r' })
  const said = Object.entries(answers as Record<string, [string[], number | 'none', number]>).map(
    ([id, [reasoning, consistency, readability]]) => [
      id,
      {
        reasoning: JSON.stringify(reasoning.map((answer) => ({ question: 'q', answer, reason: 'r' }))),
        consistency: consistency === 'none' ? null : final(consistency),
        readability: final(readability),
      } as Record<string, string | null>,
    ],
  )
  write('grade/results/judge-answers.json', Object.fromEntries(said))
  const whole = (await score('grade')).data
  expect(whole).toMatchObject({ ...WHOLE, coverage: 1, missing: 0, unparsable: 0 })
  expect(100 * whole.overall.accuracy).toBeCloseTo(table[0].acc_score, 9)
  expect(Object.keys(whole.dimensions)).toEqual(['reasoning', 'consistency', 'readability'])

  write(
    'grade/results/judge-answers.json',
    Object.fromEntries(
      said.map(([id, one], at) => [id, at === 0 ? { ...(one as object), reasoning: 'Hm.' } : one]).slice(0, -1),
    ),
  )
  const released = (await score('grade', '--denominator', 'released')).data
  const all = (await score('grade', '--denominator', 'all', '--parser', 'strict')).data
  expect(released).toMatchObject({ n: whole.n, unparsable: 1, missing: 1 })
  expect(released.coverage).toBeCloseTo(1 - 2 / whole.n, 9)
  expect(all.overall.accuracy * whole.n).toBeCloseTo(released.overall.accuracy * (whole.n - 2), 9)
})

test('uniredit: answers of no use leave accuracy, or count as not solved', async () => {
  const { data, answers, rows } = recorded('benchmark-uniredit')
  const more = { instruction: 'x', original_image_path: 'a.png', reference_image_path: 'b.png' }
  write(
    'uniredit/data/data.json',
    data.map((item: object) => ({ ...item, ...more })),
  )
  write('uniredit/results/judge-answers.json', answers)
  const released = (await score('uniredit', '--unusable', 'released')).data
  expect(released).toMatchObject(WHOLE)
  const [value, percentage, accuracy] = rows['Overall']
  expect(released.overall.score).toBeCloseTo(value, 9)
  expect(released.overall.percentage).toBeCloseTo(percentage, 9)
  expect(released.overall.accuracy).toBeCloseTo(accuracy, 9)
  expect(released.unparsable + released.missing).toBeGreaterThan(0)
  const unsolved = (await score('uniredit', '--unusable', 'unsolved')).data
  expect(unsolved.overall.accuracy).toBeLessThan(released.overall.accuracy)
  const strict = (await score('uniredit', '--parser', 'strict')).data
  expect(strict.unparsable).toBeGreaterThan(released.unparsable)
})

test.each([
  ['kris', '--mean', 'median'],
  ['kris', '--rules', 'before-2026-04'],
  ['grade', '--denominator', 'some'],
  ['grade', '--mean', 'pooled'],
  ['uniredit', '--unusable', 'zero'],
  ['uniredit', '--parser', 'lenient'],
])('%s refuses %s %s', async (...args) => {
  const { exitCode, error } = await score(...args)
  expect(exitCode).toBe(2)
  expect(error.code).toBe('DDA_CONFIG_INVALID')
  expect(error.message).toContain(args[1].slice(2))
})
