import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { JudgedInfo, JudgeRequest, JudgeShare, Rollout } from '@dda-thinker/plugin-api'
import { makeMaskedRollout, makePlan, makeSample, makeVerdict, MISSING_IMAGE } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { CanaryWatch } from './canary-watch.ts'
import { KINDS } from './canary.ts'
import type { CanaryOptions } from './options.ts'

/** Of 24 plans people pass each other one. */
const ITEMS = Array.from({ length: 24 }, (_, i) => ({
  sample: `s${i}`,
  rollout: `r${i}`,
  item: 'brown',
  scope: 'cognitive',
  question: 'Is it brown?',
  expected: 'yes',
  answer: i % 2 === 0 ? 'yes' : 'no',
  instruction: `Let ${i} age`,
  plan: i % 2 === 0 ? 'paint it brown' : 'paint it red',
}))

type Answer = 'honest' | 'yes' | 'away'

async function fileOf(items: readonly object[]): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'canary-')), 'set.jsonl')
  await writeFile(file, items.map((item) => `${JSON.stringify(item)}\n`).join(''))
  return file
}

interface Given {
  readonly every?: number
  readonly questions?: number
  readonly onAlarm?: CanaryOptions['onAlarm']
  readonly runDir?: string
}

function watching(file: string, { every = 1, questions = 50, onAlarm = 'warn', runDir }: Given = {}) {
  const warnings: string[] = []
  const log = { debug: () => undefined, info: () => undefined, warn: (line: string) => void warnings.push(line) }
  const calibration = { file, every, questions }
  const rest = { rate: 0, kinds: [...KINDS], minimum: 20, maxPassRate: 0.2, thresholds: {}, traps: [] }
  const watch = new CanaryWatch({ ...rest, onAlarm, calibration }, runDir, log)
  const asked: { readonly question: JudgeRequest; readonly instruction: string | undefined }[] = []
  const see = (step: number, judge: Answer, rollout: Rollout = makeMaskedRollout(makePlan('Plan: x'))) => {
    const ask: JudgedInfo['ask'] = async (question, about) => {
      asked.push({ question, instruction: about?.instruction })
      return [share(question, judge)]
    }
    const images = { get: () => Promise.reject(new Error('no such picture')), put: async () => MISSING_IMAGE }
    return watch.see(rollout, { step, sample: makeSample(), rolloutId: rollout.id, seed: 7, images, ask })
  }
  const step = async (number: number, judge: Answer) => {
    await see(number, judge)
    return (await watch.report({ step: number, policyVersion: number, metrics: { 'policy/loss': 1 } })).metrics
  }
  return { warnings, asked, see, step }
}

function share({ scope, items, ...question }: JudgeRequest, judge: Answer): JudgeShare {
  if (judge === 'away') {
    return { judge: 'eye', items, failure: { kind: 'server', stage: 'judge', code: 'DDA_AWAY', message: 'away' } }
  }
  const brown = 'plan' in question && question.plan.includes('brown')
  const answer = judge === 'yes' || (scope === 'cognitive' && brown) ? 'yes' : 'no'
  return { judge: 'eye', items, verdicts: items.map(({ id }) => makeVerdict(id, answer)) }
}

test('judges are asked in the first step and every so many, under an id of run and step that no cache knows', async () => {
  const { asked, step, warnings } = watching(await fileOf(ITEMS), { every: 3, runDir: '/runs/mine' })
  const first = await step(1, 'honest')
  expect(first).toMatchObject({
    'policy/loss': 1,
    'canary/agreement/eye/answers': 24,
    'canary/agreement/eye/raw': 1,
    'canary/agreement/eye/raw-high': 1,
    'canary/agreement/eye/kappa': 1,
    'canary/agreement/eye/sensitivity': 1,
    'canary/agreement/eye/specificity': 1,
    'canary/agreement-drops': 0,
  })
  // Wilson at 95 %, 12 of 12.
  expect(first['canary/agreement/eye/specificity-low']).toBeCloseTo(0.7575, 4)
  expect(asked).toHaveLength(24)
  expect(asked[0]).toMatchObject({
    question: { plan: 'paint it brown', items: [{ id: 'calibration/mine/1/brown', question: 'Is it brown?' }] },
    instruction: 'Let 0 age',
  })
  expect(Object.keys(await step(2, 'honest'))).toEqual(['policy/loss', 'canary/alarms'])
  expect(Object.keys(await step(3, 'honest'))).toEqual(['policy/loss', 'canary/alarms'])
  expect(await step(4, 'honest')).toMatchObject({ 'canary/agreement/eye/raw': 1 })
  expect(asked.at(-1)?.question.items).toMatchObject([{ id: 'calibration/mine/4/brown' }])
  expect(warnings).toEqual([])
})

test('a rate whose whole interval is below the first is a drop, by judge and rate, warned of once', async () => {
  const { step, warnings } = watching(await fileOf(ITEMS))
  await step(1, 'honest')
  const dropped = await step(2, 'yes')
  // 12 of 24 agree, and none of what people fail is found; all of what they pass still is.
  expect(dropped).toMatchObject({
    'canary/agreement/eye/raw': 0.5,
    'canary/agreement/eye/kappa': 0,
    'canary/agreement/eye/sensitivity': 1,
    'canary/agreement/eye/specificity': 0,
    'canary/agreement-drops': 2,
  })
  expect(await step(3, 'yes')).toMatchObject({ 'canary/agreement-drops': 2 })
  expect(warnings).toEqual([
    expect.stringMatching(
      /^DDA_CANARY_AGREEMENT: eye agrees with people on 12 of 24 \(50 %, at most 69 %\) of the questions .*, and first did on 100 %/,
    ),
    expect.stringMatching(/eye agrees with people on 0 of 12 .* of what people fail/),
  ])
})

test('so many questions at most, the same each time; rates of too few are no figures and never drop', async () => {
  const { asked, step, warnings } = watching(await fileOf(ITEMS), { questions: 9 })
  const first = await step(1, 'honest')
  expect(first).toMatchObject({ 'canary/agreement/eye/answers': 9, 'canary/agreement-drops': 0 })
  expect(first).not.toHaveProperty('canary/agreement/eye/raw')
  await step(2, 'yes')
  const told = asked.map(({ instruction }) => instruction)
  expect(new Set(told).size).toBe(9)
  expect(told.slice(9)).toEqual(told.slice(0, 9))
  expect(warnings).toEqual([])
})

test('a judge that fails has given no answer', async () => {
  const { step, warnings } = watching(await fileOf(ITEMS))
  await step(1, 'honest')
  const metrics = await step(2, 'away')
  expect(metrics).toMatchObject({ 'canary/agreement/eye/answers': 0, 'canary/agreement/eye/unanswered': 24 })
  expect(metrics).not.toHaveProperty('canary/agreement/eye/raw')
  expect(warnings).toEqual([])
})

test('a continued run compares with its own first step, and a drop may stop it', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'canary-'))
  const file = await fileOf(ITEMS)
  const begun = watching(file, { runDir })
  const lines = [await begun.step(1, 'honest'), await begun.step(2, 'honest')].map((metrics, i) =>
    JSON.stringify({ step: i + 1, policyVersion: i + 1, metrics }),
  )
  await writeFile(join(runDir, 'metrics.jsonl'), `${lines.join('\n')}\n`)
  const continued = watching(file, { runDir, onAlarm: 'stop' })
  await expect(continued.step(3, 'yes')).rejects.toMatchObject({ code: 'DDA_CANARY_AGREEMENT', stopsRun: true })
  expect(continued.asked[0]?.question.items[0]?.id).toBe(`calibration/${basename(runDir)}/3/brown`)
  const mended = watching(file, { runDir, onAlarm: 'stop' })
  expect(await mended.step(3, 'honest')).toMatchObject({ 'canary/agreement-drops': 0 })
  expect(mended.asked[0]?.question.items[0]?.id).toBe(`calibration/${basename(runDir)}/3/again 1/brown`)
  // What is worse from the start on is no drop.
  expect(await watching(file).step(3, 'yes')).toMatchObject({ 'canary/agreement-drops': 0 })
})

test('outside training no set is read; in it a set that cannot be used ends the run with the first rollout', async () => {
  const gone = watching('/no/such/set.jsonl')
  await gone.see(0, 'honest')
  await expect(gone.see(1, 'honest')).rejects.toMatchObject({ code: 'DDA_CALIBRATION_MISSING', stopsRun: true })
  const shown = { ...ITEMS[0], scope: 'visual', source: [MISSING_IMAGE], edited: MISSING_IMAGE }
  const unseen = watching(await fileOf([ITEMS[1] as object, shown]))
  await expect(unseen.see(1, 'honest')).rejects.toMatchObject({
    code: 'DDA_CALIBRATION_INVALID',
    location: expect.stringContaining('set.jsonl:2:1') as string,
    stopsRun: true,
  })
  expect([...gone.asked, ...unseen.asked]).toEqual([])
})
