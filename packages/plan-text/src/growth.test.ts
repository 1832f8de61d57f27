import { expect, test } from 'vitest'
import { planOffence } from './plan-offence.ts'
import { MAX_PLAN_LENGTH, readPlan } from './read-plan.ts'
import { stripReservedTokens } from './reserved-tokens.ts'
import { sanitisePlan, sanitiseText } from './sanitise-plan.ts'

/** What a run of follows, so that the patterns which begin with it have something to chew on. */
const LEADS = [
  '',
  '<',
  '</',
  'answer',
  'answer:',
  'answer: 5',
  'answer only ',
  'final ',
  '1',
  'yes',
  'yes yes',
  'solution',
  "let's think",
  'dear',
  'boxed',
  'system',
  '{"answer":',
  '<|im_start|>',
  '----',
  '```',
]
/** What is repeated. */
const PIECES = [
  ' ',
  '\n',
  '\r',
  '\u2028',
  '\t',
  '<',
  '<!--',
  '<|',
  '"',
  "'",
  '.',
  ':=',
  '* ',
  '-',
  'a',
  '5',
  '{',
  '[[',
  '\u200b',
  '<look',
  'yes ',
  'give all ',
  '{"answer":1',
  '<|im_',
]
const READERS: Readonly<Record<string, (plan: string) => unknown>> = {
  planOffence: (plan) => planOffence({ text: plan, executable: plan, blocks: ['look', 'plan'] }),
  readPlan: (plan) => readPlan(`<look>a</look><plan>${plan}</plan>`, { strip: true }),
  sanitisePlan: (plan) => sanitisePlan(plan, plan.length),
  sanitiseText,
}
const SHORT = 7_500

/** CPU seconds of the fastest of some calls: what else the machine does can only add. */
function cost(calls: number, work: () => unknown): number {
  const times = Array.from({ length: calls }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  return Math.min(...times)
}

/** How many times more four times the text costs: 4 where work grows with the length, 16 with its square. */
function growth(calls: number, read: (plan: string) => unknown, lead: string, piece: string): number {
  const plan = (length: number): string => `${lead}${piece.repeat(length / piece.length)}x`
  // Below 4 ms the clock is what is measured.
  return (
    cost(calls, () => read(plan(4 * SHORT))) /
    Math.max(
      0.004,
      cost(calls, () => read(plan(SHORT))),
    )
  )
}

test.each(Object.entries(READERS))('%s takes time in proportion to the text, whatever the text', (_, read) => {
  expect(4 * SHORT).toBeLessThan(MAX_PLAN_LENGTH - 100)
  for (const lead of LEADS) {
    for (const piece of PIECES) {
      const found = growth(1, read, lead, piece)
      // Between 4 and 16; a longer look tells what merely met a busy moment.
      const sure = found < 8 ? found : growth(5, read, lead, piece)
      expect(sure, JSON.stringify({ lead, piece })).toBeLessThan(8)
    }
  }
})

test('tokens that are nested to outlast their removal leave nothing', () => {
  const nested = (depth: number): string => `Add a hat. ${'<|im_'.repeat(depth)}<|im_end|>${'end|>'.repeat(depth)}`
  expect(stripReservedTokens(nested(10)).text).toBe('Add a hat. ')
  expect(stripReservedTokens(nested(1000)).text).toBe('')
  expect(readPlan(`<look>a</look><plan>${nested(1000)}</plan>`).format).toMatchObject({ ok: false })
})

test('a plan beyond the limit fails its format without being looked through', () => {
  const plan = `<look>a</look><plan>${' '.repeat(MAX_PLAN_LENGTH)}</plan>`
  expect(readPlan(plan).format).toEqual({ ok: false, problem: `it is longer than ${MAX_PLAN_LENGTH} characters` })
})
