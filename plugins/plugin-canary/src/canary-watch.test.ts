import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DdaError,
  type ImageRef,
  type JudgedInfo,
  type JudgeRequest,
  type JudgeShare,
  type Rollout,
  type Sample,
  type Verdict,
} from '@dda-thinker/plugin-api'
import {
  makeItem,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  MemoryImages,
  MISSING_IMAGE,
} from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { KINDS, PLEA, type Kind } from './canary.ts'
import { CanaryWatch } from './canary-watch.ts'
import type { CanaryOptions } from './options.ts'

const TRAPS: CanaryOptions['traps'] = [
  { scope: 'cognitive', question: 'Does it sing?' },
  { scope: 'visual', question: 'Is it music?' },
]
const OPTIONS: CanaryOptions = {
  rate: 1,
  kinds: [...KINDS],
  minimum: 4,
  maxPassRate: 0.2,
  thresholds: {},
  onAlarm: 'warn',
  traps: TRAPS,
}

const picture = (name: string): ImageRef => ({ ...MISSING_IMAGE, hash: name })

/** Of each scope an item that only the right change passes, one whose right answer is no, and one that guards the rest. */
const checklist = (['cognitive', 'visual'] as const).flatMap((scope) => [
  makeItem(`${scope}-change`, scope),
  makeItem(`${scope}-trace`, scope, { expected: 'no' }),
  makeItem(`${scope}-kept`, scope, { aspect: 'preservation' }),
])

function sampleOf(name: string): Sample {
  return makeSample({ id: name, images: [picture(`source of ${name}`)], instruction: `Change ${name}`, checklist })
}

interface Asked {
  readonly rollout: string
  readonly question: JudgeRequest
}

type Answer = (item: string, question: JudgeRequest) => Verdict['answer'] | Error

function bench(answer: Answer, options: Partial<CanaryOptions> = {}, runDir?: string) {
  const asked: Asked[] = []
  const warnings: string[] = []
  const log = { debug: () => undefined, info: () => undefined, warn: (line: string) => void warnings.push(line) }
  const watch = new CanaryWatch({ ...OPTIONS, ...options }, runDir, log)
  const infoOf = (step: number, sample: Sample, rolloutId: string): JudgedInfo => ({
    step,
    sample,
    rolloutId,
    seed: 7,
    images: new MemoryImages(),
    ask: async (question) => {
      asked.push({ rollout: rolloutId, question })
      return [share(question, answer)]
    },
  })
  const rollout = (step: number, name: string, member = 0): Rollout =>
    makeRollout(makePlan(`Plan: do it to ${name} (${step}/${member})`, { sampleId: name }), 1, {
      id: `${step}/${name}/${member}`,
      edit: { image: picture(`edit of ${name} ${step}/${member}`), seed: 1, editor: 'fake' },
    })
  /** A whole step: each sample `members` times, then the update. */
  const step = async (number: number, names: readonly string[], members = 1) => {
    const rollouts = names.flatMap((name) => Array.from({ length: members }, (_, i) => rollout(number, name, i)))
    for (const one of rollouts) await watch.see(one, infoOf(number, sampleOf(one.sampleId), one.id))
    return (await watch.report({ step: number, policyVersion: number, metrics: { 'policy/loss': 1 } })).metrics
  }
  return { asked, warnings, watch, infoOf, rollout, step }
}

function share(question: JudgeRequest, answer: Answer): JudgeShare {
  const { items } = question
  const base = { judge: 'judge-fake', items }
  const answers = items.map(({ id }) => answer(id, question))
  const failed = answers.find((one) => one instanceof Error)
  if (failed !== undefined) {
    return { ...base, failure: { kind: 'server', stage: 'judge', code: 'DDA_FAKE', message: failed.message } }
  }
  const verdicts = items.map(({ id }, i) => ({ itemId: id, answer: answers[i] as Verdict['answer'], judge: 'fake/1' }))
  return { ...base, verdicts }
}

const MANY = Array.from({ length: 40 }, (_, i) => `s${i}`)
const onlyOf = (kind: Kind) => ({ kinds: [kind] })

test('each kind asks what it says, and only what has to be answered with no', async () => {
  const items = async (kind: Kind) => {
    const { asked, step } = bench(() => 'no', onlyOf(kind))
    await step(1, ['a', 'b'])
    return asked.map(({ rollout, question }) => ({
      rollout,
      items: question.items.map(({ id }) => id),
      about: question.scope === 'cognitive' ? question.plan : [question.source[0]?.hash, question.edited.hash],
    }))
  }
  const cognitive = { items: ['cognitive-change'] }
  const visual = { items: ['visual-change'] }
  expect(await items('empty-plan')).toEqual([
    { rollout: '1/a/0', ...cognitive, about: '' },
    { rollout: '1/b/0', ...cognitive, about: '' },
  ])
  expect(await items('yes-plan')).toMatchObject([{ about: PLEA }, { about: PLEA }])
  expect(await items('unchanged-source')).toEqual([
    { rollout: '1/a/0', ...visual, about: ['source of a', 'source of a'] },
    { rollout: '1/b/0', ...visual, about: ['source of b', 'source of b'] },
  ])
  expect(await items('swapped-image')).toEqual([
    { rollout: '1/a/0', ...visual, about: ['source of a', 'edit of b 1/0'] },
    { rollout: '1/b/0', ...visual, about: ['source of b', 'edit of a 1/0'] },
  ])
  const traps = await items('trap')
  expect(new Set(traps.map(({ items: ids }) => ids.join()))).toEqual(new Set(['trap-1']))
})

test('a trap is put to the plan or to the picture, by the draw', async () => {
  const { asked, step } = bench(() => 'no', onlyOf('trap'))
  await step(1, MANY)
  const questions = asked.map(({ question }) => question.items[0]?.question)
  expect(new Set(questions)).toEqual(new Set(['Does it sing?', 'Is it music?']))
  for (const { rollout, question } of asked) {
    const name = rollout.split('/')[1] ?? ''
    if (question.scope === 'cognitive') expect(question.plan).toContain(`do it to ${name} `)
    else expect(question.edited.hash).toContain(`edit of ${name} `)
  }
})

test('a judge that says yes to everything is found out, by name and kind', async () => {
  const { warnings, step, watch } = bench(() => 'yes')
  const metrics = await step(1, MANY)
  expect(metrics['canary/pass-rate']).toBe(1)
  expect(metrics['canary/alarms']).toBe(KINDS.length)
  expect(warnings).toHaveLength(KINDS.length)
  expect(warnings[0]).toMatch(
    /^DDA_CANARY_ALARM: judge-fake answered yes to \d+ of \d+ questions of the kind empty-plan/,
  )
  // Once a kind: an alarm a step would only be noise.
  await step(2, MANY)
  expect(warnings).toHaveLength(KINDS.length)
  expect(watch.summary()).toMatch(/judge-fake trap (\d+)\/\1/)
})

test('an honest judge raises no alarm, and unsure is no yes', async () => {
  for (const answer of ['no', 'unsure'] as const) {
    const { warnings, step } = bench(() => answer)
    const metrics = await step(1, MANY)
    expect(warnings).toEqual([])
    expect(metrics).toMatchObject({ 'canary/pass-rate': 0, 'canary/alarms': 0, 'policy/loss': 1 })
    const asked = KINDS.map((kind) => metrics[`canary/asked/judge-fake/${kind}`] ?? 0)
    expect(asked.every((count) => count > 0)).toBe(true)
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(MANY.length)
  }
})

test('what a judge could not measure is neither asked nor passed', async () => {
  const { watch, infoOf, rollout } = bench(() => 'no')
  const told = infoOf(1, sampleOf('a'), 'a')
  const ask: JudgedInfo['ask'] = async ({ items }) => [
    {
      judge: 'judge-fake',
      items,
      verdicts: items.map(({ id }) => ({ itemId: id, answer: 'unsure', judge: 'fake/1', unmeasured: true })),
    },
  ]
  await watch.see(rollout(1, 'a'), { ...told, ask })
  const { metrics } = await watch.report({ step: 1, policyVersion: 1, metrics: {} })
  const counts = Object.entries(metrics).filter(([name]) => name.startsWith('canary/asked/'))
  expect(counts.map(([, count]) => count)).toEqual([0])
  expect(Object.entries(metrics).filter(([name]) => name.startsWith('canary/failed/'))).toHaveLength(1)
  expect(metrics).not.toHaveProperty('canary/pass-rate')
})

test('thresholds hold from the minimum on, each kind its own', async () => {
  const yesToSource: Answer = (_, question) =>
    question.scope === 'visual' && question.edited.hash.startsWith('source') ? 'yes' : 'no'
  const few = bench(yesToSource, { ...onlyOf('unchanged-source'), minimum: 4 })
  expect((await few.step(1, ['a', 'b', 'c']))['canary/alarms']).toBe(0)
  expect((await few.step(2, ['a']))['canary/alarms']).toBe(1)
  const allowed = bench(yesToSource, { ...onlyOf('unchanged-source'), thresholds: { 'unchanged-source': 1 } })
  expect((await allowed.step(1, MANY))['canary/alarms']).toBe(0)
})

test('which rollouts and kinds are taken follows from seed and id alone, at about the rate', async () => {
  const order = (rollouts: Asked[]) => rollouts.map(({ rollout }) => rollout).toSorted()
  const [one, other] = [bench(() => 'no', { rate: 0.25 }), bench(() => 'no', { rate: 0.25 })]
  await one.step(1, MANY, 10)
  await other.step(1, [...MANY].toReversed(), 10)
  expect(order(one.asked)).toEqual(order(other.asked))
  // 400 draws at 0.25: five standard deviations on either side.
  expect(one.asked.length).toBeGreaterThan(57)
  expect(one.asked.length).toBeLessThan(143)
  const swapped = ({ asked }: typeof one) =>
    new Map(
      asked.flatMap(({ rollout, question }) => (question.scope === 'visual' ? [[rollout, question.edited.hash]] : [])),
    )
  expect(swapped(one)).toEqual(swapped(other))
  const none = bench(() => 'yes', { rate: 0 })
  expect(await none.step(1, MANY)).toEqual({ 'policy/loss': 1, 'canary/alarms': 0 })
})

test('a judge that fails is counted as such and not as an answer', async () => {
  const { warnings, step } = bench(() => new Error('away'), onlyOf('empty-plan'))
  const metrics = await step(1, ['a', 'b'])
  expect(metrics).toMatchObject({
    'canary/failed/judge-fake/empty-plan': 2,
    'canary/asked/judge-fake/empty-plan': 0,
    'canary/alarms': 0,
  })
  expect(metrics).not.toHaveProperty('canary/pass-rate')
  expect(warnings).toEqual([])
})

test('masked rollouts and those outside training are left alone', async () => {
  const { asked, watch, infoOf, rollout } = bench(() => 'yes')
  const sample = sampleOf('a')
  await watch.see(makeMaskedRollout(makePlan('Plan: x')), infoOf(1, sample, '1/a/0'))
  await watch.see(rollout(0, 'a'), infoOf(0, sample, 'eval/trained/a/0'))
  expect(asked).toEqual([])
})

test('a gated rollout has no picture: no picture of it is asked about, nor lent', async () => {
  const { asked, watch, infoOf, rollout } = bench(() => 'no', { kinds: ['swapped-image', 'trap'] })
  for (const name of MANY) {
    const { edit: _none, ...gated } = rollout(1, name)
    await watch.see({ ...gated, outcome: { kind: 'gated', reason: 'critical' } }, infoOf(1, sampleOf(name), gated.id))
  }
  await watch.report({ step: 1, policyVersion: 1, metrics: {} })
  expect(asked).toHaveLength(MANY.length)
  expect(asked.every(({ question }) => question.scope === 'cognitive')).toBe(true)
})

test('a picture of a sample with the same instruction is no canary', async () => {
  const { asked, watch, infoOf, rollout } = bench(() => 'no', onlyOf('swapped-image'))
  for (const name of ['a', 'b']) {
    await watch.see(rollout(1, name), infoOf(1, { ...sampleOf(name), instruction: 'the same' }, `1/${name}/0`))
  }
  await watch.report({ step: 1, policyVersion: 1, metrics: {} })
  expect(asked).toEqual([])
})

test('what ends the run is let through', async () => {
  const { watch, infoOf, rollout } = bench(() => 'no', onlyOf('empty-plan'))
  const spent = new DdaError('DDA_BUDGET_JUDGE_TOKENS', 'used up', { stopsRun: true })
  const info = { ...infoOf(1, sampleOf('a'), '1/a/0'), ask: () => Promise.reject(spent) }
  await expect(watch.see(rollout(1, 'a'), info)).rejects.toBe(spent)
})

test('an alarm may stop the run', async () => {
  const { step, warnings } = bench(() => 'yes', { onAlarm: 'stop' })
  await expect(step(1, MANY)).rejects.toMatchObject({ code: 'DDA_CANARY_ALARM', stopsRun: true })
  expect(warnings).toEqual([])
})

test('a run that an alarm has stopped asks anew when it is continued: the same alarm again, or none of a judge that was mended', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'canary-'))
  const idsOf = ({ asked }: ReturnType<typeof bench>) =>
    asked.flatMap(({ question }) => question.items.map(({ id }) => id)).toSorted()
  const stopped = bench(() => 'yes', { onAlarm: 'stop' }, runDir)
  await expect(stopped.step(1, MANY)).rejects.toMatchObject({ code: 'DDA_CANARY_ALARM' })
  const again = bench(() => 'yes', { onAlarm: 'stop' }, runDir)
  await expect(again.step(1, MANY)).rejects.toMatchObject({ code: 'DDA_CANARY_ALARM' })
  expect(idsOf(again)).toEqual(idsOf(stopped).map((id) => `canary/1/${id}`))
  const mended = bench(() => 'no', { onAlarm: 'stop' }, runDir)
  expect(await mended.step(1, MANY)).toMatchObject({ 'canary/alarms': 0 })
  expect(idsOf(mended)).toEqual(idsOf(stopped).map((id) => `canary/2/${id}`))
  const told = bench(() => 'yes', { onAlarm: 'warn' }, runDir)
  expect(await told.step(1, MANY)).toMatchObject({ 'canary/alarms': expect.any(Number) as number })
  expect(told.warnings[0]).toMatch(/^DDA_CANARY_ALARM/)
})

test('a continued run goes on counting where its metrics end', async () => {
  const half: Answer = (_, question) => (question.scope === 'cognitive' && question.plan === '' ? 'yes' : 'no')
  const runDir = await mkdtemp(join(tmpdir(), 'canary-'))
  const unbroken = bench(half, { minimum: 20 })
  const steps = [await unbroken.step(1, MANY), await unbroken.step(2, MANY), await unbroken.step(3, MANY)]
  // As the engine leaves it after a kill: the last line, of a step that is done again, is cut off by it first; a torn one is not.
  const lines = steps.slice(0, 2).map((metrics, i) => JSON.stringify({ step: i + 1, policyVersion: i + 1, metrics }))
  await writeFile(join(runDir, 'metrics.jsonl'), `${lines.join('\n')}\n{"step":3,"metrics":{"canary/asked`)
  const continued = bench(half, { minimum: 20 }, runDir)
  expect(await continued.step(3, MANY)).toEqual(steps[2])
  expect(steps.map((metrics) => metrics['canary/alarms'])).toContain(1)
  const alone = bench(half, { minimum: 20 })
  expect((await alone.step(3, MANY))['canary/alarms']).toBe(0)
})
