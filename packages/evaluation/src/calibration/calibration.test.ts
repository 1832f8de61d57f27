import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ImageRef, JudgeRequest, JudgeShare, SeenOfSample, Verdict } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { askCalibration, type AskJudges } from './ask-calibration.ts'
import type { CalibrationItem } from './calibration-item.ts'
import { checkCalibrationPictures, drawQuestions, readCalibration } from './read-calibration.ts'

const picture = (digit: string): ImageRef => ({ hash: digit.repeat(64), mediaType: 'image/png', width: 8, height: 8 })

function question(rollout: string, over: Partial<CalibrationItem> = {}): CalibrationItem {
  return {
    sample: `sample of ${rollout}`,
    rollout,
    item: 'item',
    scope: 'cognitive',
    question: `What of ${rollout}?`,
    expected: 'yes',
    answer: 'yes',
    instruction: 'Let it age',
    plan: `paint ${rollout}`,
    ...over,
  }
}

const said = (judge: string, request: JudgeRequest, answer: (id: string) => Partial<Verdict>): JudgeShare => ({
  judge,
  items: request.items,
  verdicts: request.items.map(({ id }) => ({ itemId: id, answer: 'yes', judge: `${judge}/1`, ...answer(id) })),
})

/** Each item in a rollout of its own: so many that people pass and fail, of which the judge finds some. */
function table(passes: number, found: number, fails: number, caught: number) {
  const items = [
    ...Array.from({ length: passes }, (_, i) => question(`pass-${i}`)),
    // Failed by people both ways: a yes where no was right, and a no where yes was.
    ...Array.from({ length: fails }, (_, i) =>
      question(`fail-${i}`, i % 2 === 0 ? { answer: 'no' } : { expected: 'no', answer: 'yes' }),
    ),
  ]
  const ask: AskJudges = async (request, { id }) => {
    const [, kind, number] = /of (pass|fail)-(\d+)/.exec(id) ?? []
    const right = Number(number) < (kind === 'pass' ? found : caught)
    const passes = (kind === 'pass') === right
    return [said('one', request, () => ({ answer: (request.items[0]?.expected === 'yes') === passes ? 'yes' : 'no' }))]
  }
  return { items, ask }
}

test('judges are compared with people: the figures of a table that was worked out by hand', async () => {
  const { items, ask } = table(12, 9, 12, 8)
  const { all, judges, uncovered } = await askCalibration(items, ask)
  // Of 24 answers 17 are equal; the judge passes 13, people 12: by chance (12 * 13 + 12 * 11) / 24^2 = 1/2.
  expect(all).toMatchObject({ count: 24, bothPass: 9, humanOnly: 3, judgeOnly: 4, bothFail: 8, unanswered: 0 })
  expect(all.raw.value).toBeCloseTo(17 / 24, 12)
  expect(all.kappa).toBeCloseTo(10 / 24, 12)
  expect(all.sensitivity).toMatchObject({ count: 12, value: 0.75 })
  expect(all.specificity.value).toBeCloseTo(8 / 12, 12)
  // Wilson at 95 %, 9 of 12.
  expect(all.sensitivity.low).toBeCloseTo(0.4677, 4)
  expect(all.sensitivity.high).toBeCloseTo(0.9111, 4)
  expect(judges).toEqual([{ judge: 'one', ...all }])
  expect(uncovered).toBe(0)
})

test('a rate of fewer than ten answers is its count and no figure', async () => {
  const { items, ask } = table(10, 10, 9, 9)
  const { all } = await askCalibration(items, ask)
  expect(all.specificity).toEqual({ count: 9 })
  expect(all.sensitivity).toMatchObject({ count: 10, value: 1 })
  expect(all.raw).toMatchObject({ count: 19, value: 1 })
  const few = table(5, 5, 4, 4)
  const { all: nothing } = await askCalibration(few.items, few.ask)
  expect(nothing.raw).toEqual({ count: 9 })
  expect(nothing).not.toHaveProperty('kappa')
  expect(nothing).toMatchObject({ bothPass: 5, bothFail: 4 })
})

test('the items about one plan or picture are one request, with what there is of the sample', async () => {
  const seen: [JudgeRequest, SeenOfSample][] = []
  const reference = { text: 'an old one', image: picture('c') }
  const visual = { scope: 'visual', source: [picture('a')], edited: picture('b'), reference } as const
  const { plan: _none, ...shown } = question('r', { ...visual, item: 'v1', check: { kind: 'ssim', above: 0.5 } })
  await askCalibration(
    [question('r', { item: 'c1' }), shown, question('r', { item: 'c2' }), question('s', { item: 'c1' })],
    async (request, about) => {
      seen.push([request, about])
      return []
    },
    { idOf: ({ item }) => `4/${item}` },
  )
  const asked = (id: string) => ({ id: `4/${id}`, scope: 'cognitive', question: 'What of r?', expected: 'yes' })
  expect(seen).toHaveLength(3)
  expect(seen[0]).toEqual([
    { scope: 'cognitive', instruction: 'Let it age', plan: 'paint r', items: [asked('c1'), asked('c2')] },
    { id: 'sample of r', instruction: 'Let it age', reference: '' },
  ])
  expect(seen[1]).toEqual([
    {
      scope: 'visual',
      source: [picture('a')],
      edited: picture('b'),
      items: [{ ...asked('v1'), scope: 'visual', check: { kind: 'ssim', above: 0.5 } }],
    },
    { id: 'sample of r', instruction: 'Let it age', reference: 'an old one', referenceImage: picture('c') },
  ])
  // Nothing of what people say goes to a judge.
  expect(JSON.stringify(seen)).not.toMatch(/answer|agreeing|people/)
})

test('a judge that fails, has nothing to go by or is not there gives no answer; unsure is one, and passes nothing', async () => {
  const failure = { kind: 'timeout', stage: 'judge', code: 'DDA_AWAY', message: 'away' } as const
  const items = ['fails', 'unmeasured', 'nobody', 'unsure', 'yes'].map((name) => question(name))
  const { all, judges, uncovered } = await askCalibration(items, async (request, { id }) => {
    if (id.endsWith('nobody')) return []
    if (id.endsWith('fails')) return [{ judge: 'two', items: request.items, failure }]
    if (id.endsWith('unmeasured')) return [said('two', request, () => ({ answer: 'unsure', unmeasured: true }))]
    return [said('one', request, () => ({ answer: id.endsWith('unsure') ? 'unsure' : 'yes' }))]
  })
  expect(uncovered).toBe(1)
  expect(all).toMatchObject({ count: 2, bothPass: 1, humanOnly: 1, unanswered: 2 })
  expect(judges).toMatchObject([
    { judge: 'one', count: 2, unanswered: 0 },
    { judge: 'two', count: 0, unanswered: 2, failure: { code: 'DDA_AWAY' } },
  ])
  const stopped = askCalibration(items, () => Promise.reject(new Error('the run ends')))
  await expect(stopped).rejects.toThrow('the run ends')
})

test('which questions are drawn follows from the seed, not from the order, and fewer are a part of more', () => {
  const items = Array.from({ length: 60 }, (_, i) => question(`r${i}`))
  const names = (drawn: readonly CalibrationItem[]) => drawn.map(({ rollout }) => rollout)
  expect(drawQuestions(items, 60, 1)).toEqual(items)
  const ten = names(drawQuestions(items, 10, 1))
  expect(new Set(ten).size).toBe(10)
  expect(new Set(names(drawQuestions(items.toReversed(), 10, 1)))).toEqual(new Set(ten))
  expect(names(drawQuestions(items, 20, 1))).toEqual(expect.arrayContaining(ten))
  expect(names(drawQuestions(items, 10, 2))).not.toEqual(ten)
  // In the order of the set.
  expect(ten).toEqual(ten.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1))))
})

async function fileOf(...lines: readonly unknown[]): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'calibration-')), 'set.jsonl')
  await writeFile(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return file
}

test('a set is read, whatever stands in its texts', async () => {
  const items = [question('a', { question: 'Is it\u2028so?' }), question('b')]
  const file = await fileOf(items[0], '', items[1])
  const set = await readCalibration(file)
  expect(set).toMatchObject({ file, items })
  expect(set.items.map((item) => set.lineOf(item))).toEqual([1, 3])
})

const visual = { scope: 'visual', source: [picture('a')], edited: picture('b') } as const
test.each([
  [{ rollout: 1 }, /no `sample`/],
  ['{"rollout":', /not JSON/],
  [[], /no object/],
  [question('a', { scope: 'moral' as 'visual' }), /its scope is "moral", not cognitive or visual/],
  [question('a', { answer: 'maybe' as 'yes' }), /`answer` is "maybe", neither yes nor no/],
  [{ ...question('a'), expected: undefined }, /`expected` is missing/],
  [{ ...question('a'), plan: undefined }, /no `plan`/],
  [question('a', { ...visual, source: [] }), /no `source`/],
  [{ ...question('a', visual), edited: undefined }, /no `edited`/],
  [question('a', { ...visual, edited: { ...picture('b'), hash: '../up' } }), /no reference to a picture/],
  [question('a', { reference: { text: 1 as unknown as string } }), /reference has no text/],
  [{ ...question('a'), check: {} }, /check has no kind/],
])('%j is refused with its place', async (line, problem) => {
  const file = await fileOf(question('fine'), line)
  await expect(readCalibration(file)).rejects.toMatchObject({
    code: 'DDA_CALIBRATION_INVALID',
    location: `${file}:2:1`,
    message: expect.stringMatching(problem) as string,
    next: expect.stringContaining('dda annotate') as string,
    stopsRun: true,
  })
})

test('a question that is there twice, and a file without any or that is not there, are refused', async () => {
  const twice = await fileOf(question('a'), question('b'), question('a', { answer: 'no' }))
  await expect(readCalibration(twice)).rejects.toMatchObject({
    code: 'DDA_CALIBRATION_INVALID',
    message: `Lines 1 and 3 of ${twice} are both item item of rollout a`,
    location: `${twice}:3:1`,
  })
  await expect(readCalibration(await fileOf())).rejects.toMatchObject({ code: 'DDA_CALIBRATION_MISSING' })
  await expect(readCalibration(`${twice}.none`)).rejects.toMatchObject({
    code: 'DDA_CALIBRATION_MISSING',
    message: expect.stringMatching(/there is no such file$/) as string,
  })
  await expect(readCalibration(dirname(twice))).rejects.toMatchObject({
    code: 'DDA_CALIBRATION_MISSING',
    message: expect.stringMatching(/it is a folder$/) as string,
  })
})

test('a picture that is not in the store is told with the line that shows it', async () => {
  const file = await fileOf(question('a'), question('b', visual))
  const set = await readCalibration(file)
  const asked: string[] = []
  const get = async ({ hash }: ImageRef) => {
    asked.push(hash)
    if (hash === picture('b').hash) throw new Error('no such blob')
    return new Uint8Array()
  }
  await expect(checkCalibrationPictures(set, set.items, { get })).rejects.toMatchObject({
    code: 'DDA_CALIBRATION_INVALID',
    location: `${file}:2:1`,
    message: expect.stringMatching(/shows picture b{12}, .*no such blob/) as string,
  })
  expect(asked).toEqual([picture('a').hash, picture('b').hash])
  await expect(checkCalibrationPictures(set, set.items.slice(0, 1), { get })).resolves.toBeUndefined()
})
