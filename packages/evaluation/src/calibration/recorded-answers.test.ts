import type { ChecklistItem, ImageRef, Rollout, Sample, Verdict } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import type { CalibrationItem } from './calibration-item.ts'
import { compareCalibration, RecordedAnswers } from './recorded-answers.ts'

const picture = (digit: string): ImageRef => ({ hash: digit.repeat(64), mediaType: 'image/png', width: 8, height: 8 })
const people = { sample: 's', rollout: 'elsewhere', expected: 'yes', instruction: 'Let it age' } as const
const pictures = { source: [picture('a')], edited: picture('b') }
const OF_PLAN: CalibrationItem = {
  ...people,
  item: 'x',
  scope: 'cognitive',
  question: 'Brown?',
  answer: 'yes',
  plan: 'paint it',
}
const OF_PICTURE: CalibrationItem = {
  ...people,
  ...pictures,
  item: 'y',
  scope: 'visual',
  question: 'Is it brown?',
  answer: 'no',
}

const CHECKLIST: readonly ChecklistItem[] = [
  { id: 'c', scope: 'cognitive', question: 'Brown?', expected: 'yes' },
  { id: 'v', scope: 'visual', question: 'Is it brown?', expected: 'yes' },
]
const sampleOf = (over: Partial<Sample> = {}) =>
  ({ id: 's', instruction: 'Let it age', images: [picture('a')], checklist: CHECKLIST, ...over }) as Sample
const say = (itemId: string, answer: Verdict['answer'], more: Partial<Verdict> = {}): Verdict => ({
  itemId,
  answer,
  judge: 'one',
  ...more,
})
function rolloutOf(verdicts: readonly Verdict[], { plan = 'paint it', edited = 'b' } = {}): Rollout {
  const made = { plan: { executable: plan }, edit: { image: picture(edited) } }
  return { id: 'r', sampleId: 's', verdicts, ...made } as unknown as Rollout
}

function found(...added: Parameters<RecordedAnswers['add']>[]) {
  const answers = new RecordedAnswers([OF_PLAN, OF_PICTURE])
  for (const one of added) answers.add(...one)
  return answers.found
}

test('a question is found by what is asked and shown, whatever run, rollout and item are called', () => {
  const both = found([rolloutOf([say('c', 'no'), say('v', 'yes')]), sampleOf()])
  expect([...both].map(([item, verdict]) => [item.item, verdict?.answer])).toEqual([
    ['x', 'no'],
    ['y', 'yes'],
  ])
})

test.each<[string, Parameters<RecordedAnswers['add']>]>([
  ['another plan and another picture', [rolloutOf([], { plan: 'paint it red', edited: 'c' }), sampleOf()]],
  ['another source and plan', [rolloutOf([], { plan: 'x' }), sampleOf({ images: [picture('d')] })]],
  ['another instruction', [rolloutOf([]), sampleOf({ instruction: 'Let it freeze' })]],
  [
    'another question',
    [rolloutOf([]), sampleOf({ checklist: CHECKLIST.map((item) => ({ ...item, question: 'So?' })) })],
  ],
  ['another right answer', [rolloutOf([]), sampleOf({ checklist: CHECKLIST.map((i) => ({ ...i, expected: 'no' })) })]],
  ['no plan and no picture', [{ id: 'r', sampleId: 's', verdicts: [] } as unknown as Rollout, sampleOf()]],
])('%s is another question', (_, added) => {
  expect(found(added).size).toBe(0)
})

test('the first verdict of several holds, and a rollout without one leaves the question to the next', () => {
  const masked: Parameters<RecordedAnswers['add']> = [rolloutOf([]), sampleOf()]
  expect([...found(masked).values()]).toEqual([undefined, undefined])
  const answered = found(masked, [rolloutOf([say('c', 'yes')]), sampleOf()], [rolloutOf([say('c', 'no')]), sampleOf()])
  expect([...answered.values()].map((verdict) => verdict?.answer)).toEqual(['yes', undefined])
})

test('judges of before and of now are each compared with people, on the questions of now', () => {
  const questions = Array.from({ length: 30 }, (_, i): CalibrationItem => ({ ...OF_PLAN, plan: `plan ${i}` }))
  // People say yes to all. Before, the judge said so of the first 20; now of 2 to 22. Of the last two one is gone, and one not measured.
  const tell = (answer: (i: number) => Verdict | undefined) =>
    new Map(questions.map((item, i) => [item, answer(i)] as const))
  const before = tell((i) => say('c', i < 20 ? 'yes' : 'no'))
  const after = tell((i) =>
    say('c', i === 0 || i === 1 ? 'unsure' : i < 23 ? 'yes' : 'no', i === 29 ? { unmeasured: true } : {}),
  )
  after.delete(questions[28] as CalibrationItem)
  const compared = compareCalibration(40, before, after)
  expect(compared).toMatchObject({
    questions: 29,
    of: 40,
    before: { count: 29, bothPass: 20, humanOnly: 9, unanswered: 0, raw: { count: 29, value: 20 / 29 } },
    after: { count: 28, bothPass: 21, humanOnly: 7, unanswered: 1, sensitivity: { count: 28, value: 0.75 } },
    gained: 3,
    lost: 2,
  })
  // Nothing that people fail: no figure.
  expect(compared.after.specificity).toEqual({ count: 0 })
  const fewer = new Map([...after].slice(0, 9))
  expect(compareCalibration(40, before, fewer).after.raw).toEqual({ count: 9 })
})

test('each judge is compared by itself: one that is right does not hide one that is wrong', () => {
  const questions = Array.from({ length: 40 }, (_, i): CalibrationItem => ({ ...OF_PLAN, plan: `plan ${i}` }))
  // The first half is answered by one that agrees with people, of the other half the last question by nobody.
  const tell = (second: Verdict['answer']) =>
    new Map(
      questions.map((item, i) => {
        const verdict = i < 20 ? say('c', 'yes') : say('c', second, { judge: 'two' })
        return [item, i === 39 ? undefined : verdict] as const
      }),
    )
  const { before, after } = compareCalibration(40, tell('no'), tell('yes'))
  expect(before.raw.value).toBeCloseTo(20 / 39)
  expect(before.judges).toMatchObject([
    { judge: 'one', count: 20, raw: { value: 1 }, unanswered: 0 },
    { judge: 'two', count: 19, raw: { value: 0 }, unanswered: 0 },
  ])
  expect(after.judges.map(({ raw }) => raw.value)).toEqual([1, 1])
  expect([before.unanswered, after.unanswered]).toEqual([1, 1])
})
