import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere, ddaText } from '../support/in-process.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const { dir, remove } = tinyProject()
const sheet = join(dir, 'sheet.jsonl')

beforeAll(async () => {
  ensureBuilt('canary')
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train')
  await ddaHere(dir, 'eval', '--thinker', 'trained', '--name', 'seen')
})
afterAll(remove)

const rows = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const about = ({ rollout, scope }: { readonly rollout: string; readonly scope: string }) => `${rollout} ${scope}`

test('people are asked what the judges were, and the agreement is told', async () => {
  expect(await ddaText(dir, 'annotate', 'seen')).toContain('Nobody has annotated seen yet')
  const { data } = await ddaHere(dir, 'annotate', 'seen', '--export', 'sheet.jsonl', '--judged')
  expect(data).toMatchObject({ file: sheet, questions: rows(sheet).length })
  const answered = rows(sheet).map((row) => ({ ...row, answer: row.verdict }))
  writeFileSync(sheet, answered.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const imported = await ddaHere(dir, 'annotate', 'seen', '--import', 'sheet.jsonl', '--by', 'ann')
  expect(imported.data).toMatchObject({ run: 'seen', answers: answered.length, empty: 0, people: ['ann'] })
  const found = await ddaHere(dir, 'annotate', 'seen')
  expect(found.data.agreement).toMatchObject({ all: { count: answered.length, raw: { value: 1 } }, leftOut: 0 })
  expect(await ddaText(dir, 'annotate', 'seen')).toMatch(/judge +answers +agree +kappa[^]*all +\d+ +100 %/)
})

test('a judge that judges again is compared with the same people', async () => {
  const { data, exitCode } = await ddaHere(dir, 'rejudge', 'seen', '--judge', './harsh.mjs', '--name', 'harsh')
  expect(exitCode).toBe(0)
  expect(data.agreement.all.raw.value).toBe(0)
  const again = await ddaHere(dir, 'annotate', 'seen', '--of', 'harsh')
  expect(again.data).toMatchObject({ run: 'harsh', annotated: 'seen', agreement: data.agreement })
})

test('the answers are a calibration set', async () => {
  const { data } = await ddaHere(dir, 'annotate', 'seen', '--calibration', 'set.jsonl')
  const items = rows(join(dir, 'set.jsonl'))
  expect(items).toHaveLength(data.items)
  const doctor = (...more: string[]) => ddaHere(dir, 'doctor', '--skip-edit', '--calibration', ...more)
  const asked = await doctor('set.jsonl')
  const all = items.length
  const visual = items.filter(({ scope }) => scope === 'visual').length
  expect(all).toBeGreaterThan(visual)
  expect(asked).toMatchObject({
    exitCode: 0,
    data: {
      calibration: {
        questions: all,
        of: all,
        judges: [{ judge: 'tiny-judge', count: all, raw: { value: 1 }, unanswered: 0 }],
        uncovered: 0,
        // The items of one plan or one picture are one judgement, and this judge asks no service.
        spending: [{ stage: 'judge', plugin: 'tiny-judge', results: new Set(items.map(about)).size }],
        cost: {},
      },
    },
  })
  const other = ['--set', 'judge=[{use: ./harsh.mjs}]']
  const harsh = await doctor('set.jsonl', ...other)
  expect(harsh.data.calibration).toMatchObject({ judges: [{ judge: 'harsh-judge', raw: { value: 0 } }] })
  const some = await doctor('set.jsonl', '--questions', '4')
  expect(some.data.calibration).toMatchObject({ questions: 4, of: all, judges: [{ count: 4, raw: { count: 4 } }] })
  expect(some.data.calibration.judges[0].raw).not.toHaveProperty('value')
  expect(await ddaText(dir, 'doctor', '--skip-edit', '--calibration', 'set.jsonl', '--questions', '4')).toMatch(
    /4 of \d+ questions, drawn with seed \d+[^]*agreement with people not measured \(4 answers, 10 are needed\)\n[^]*cost: \d judgements, no calls/,
  )
  const broken = ['--set', 'judge=[{use: ./broken-judge.mjs}]']
  expect(await doctor('set.jsonl', ...broken)).toMatchObject({
    exitCode: 3,
    data: { calibration: { judges: [{ count: 0, unanswered: all, failure: { code: 'DDA_JUDGE_GONE' } }] } },
  })
  expect(await doctor('set.jsonl', '--questions', '0')).toMatchObject({ exitCode: 2, error: { code: 'DDA_USAGE' } })
  expect(items[0]).toMatchObject({ question: expect.any(String), answer: expect.stringMatching(/yes|no/), people: 1 })
})

test('judging again tells how the judges of before and of now agree with people', async () => {
  const set = rows(join(dir, 'set.jsonl'))
  const all = set.length
  const rejudge = (run: string, file: string, ...more: string[]) =>
    ddaHere(dir, 'rejudge', run, '--judge', './harsh.mjs', '--calibration', file, ...more)
  const { exitCode, data } = await rejudge('seen', 'set.jsonl', '--name', 'harsh-calibrated')
  expect(exitCode).toBe(0)
  const told = {
    questions: all,
    of: all,
    before: { count: all, raw: { value: 1 }, unanswered: 0 },
    after: { count: all, raw: { value: 0 }, unanswered: 0 },
    gained: 0,
    lost: all,
  }
  expect(data.calibration).toMatchObject(told)
  // Nobody need have answered this run: the plans and pictures are the same.
  await ddaHere(dir, 'eval', '--thinker', 'trained', '--name', 'as-seen')
  const as = await rejudge('as-seen', 'set.jsonl', '--name', 'as-harsh')
  expect(as.data.calibration).toMatchObject(told)
  expect(as.data).not.toHaveProperty('agreement')
  expect(await ddaText(dir, 'rejudge', 'as-seen', '--judge', './harsh.mjs', '--calibration', 'set.jsonl')).toMatch(
    /(\d+) of \1 questions:\n {2}before: agrees with people on 100 %[^]*now: agrees with people on 0 %[^]*people give: 0 gained, \1 lost/,
  )

  const save = (file: string, items: readonly object[]) =>
    writeFileSync(join(dir, file), items.map((item) => `${JSON.stringify(item)}\n`).join(''))
  const visual = set.filter(({ scope }) => scope === 'visual')
  const other = set.map((item) => (item.scope === 'cognitive' ? { ...item, plan: 'paint it black' } : item))
  save('other-plans.jsonl', other)
  const some = await rejudge('seen', 'other-plans.jsonl', '--name', 'harsh-calibrated')
  expect(some.data.calibration).toMatchObject({ questions: visual.length, of: all, lost: visual.length })
  save(
    'unlike.jsonl',
    other.filter(({ scope }) => scope === 'cognitive'),
  )
  const none = await rejudge('seen', 'unlike.jsonl', '--name', 'never')
  expect(none).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_CALIBRATION_UNMATCHED', next: expect.any(String), location: expect.stringContaining('unlike') },
  })
  expect(await rejudge('seen', 'nothing.jsonl')).toMatchObject({ error: { code: 'DDA_CALIBRATION_MISSING' } })
})

test('questions of another checklist that people have answered count for the new judge alone', async () => {
  const set = rows(join(dir, 'set.jsonl')).filter(({ scope }) => scope === 'visual')
  const own = set.map((item) => ({ ...item, item: 'own', question: `${item.question} Really?` }))
  const bySample = new Map(own.map(({ sample, scope, question, expected }) => [sample, { scope, question, expected }]))
  const lists = [...bySample].map(([id, item]) => ({ id, checklist: [{ id: 'own', ...item }] }))
  const save = (file: string, lines: readonly object[]) =>
    writeFileSync(join(dir, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  save('own-lists.jsonl', lists)
  save(
    'own-set.jsonl',
    own.filter(({ sample, question }) => bySample.get(sample)?.question === question),
  )
  const args = ['--checklist', 'own-lists.jsonl', '--calibration', 'own-set.jsonl']
  const { data } = await ddaHere(dir, 'rejudge', 'seen', ...args)
  const count = lists.length
  expect(data.calibration).toMatchObject({
    questions: count,
    before: { count: 0, unanswered: count },
    after: { count },
  })
})

test('canaries ask the set in training, and tell when the judge no longer agrees with people as it did', async () => {
  const serve = (model: string) => writeFileSync(join(dir, 'model'), model)
  const train = (set: string, ...more: string[]) => {
    const judge = ['--set', 'judge=[{use: ./served.mjs, model: model}]']
    const plugins = ['--set', `plugins=[{use: canary, rate: 0, calibration: {file: ${set}, every: 2}}]`]
    return ddaHere(dir, 'train', ...judge, ...plugins, ...more)
  }
  const drops = ({ warnings }: { readonly warnings: readonly string[] }) =>
    warnings.filter((line) => line.includes('DDA_CANARY_AGREEMENT'))
  serve('tiny')
  const begun = await train('set.jsonl', '--name', 'watched', '--steps', '4')
  expect(begun.data).toMatchObject({ step: 4 })
  expect(drops(begun)).toEqual([])
  serve('something that says yes')
  const continued = await train('set.jsonl', '--name', 'watched', '--steps', '6')
  expect(continued.data).toMatchObject({ step: 6, resumedFrom: 4 })
  const [told, ...others] = drops(continued)
  const set = rows(join(dir, 'set.jsonl'))
  const right = set.filter(({ answer }) => answer === 'yes').length
  expect(told).toContain(`served-judge agrees with people on ${right} of ${set.length}`)
  expect(told).toContain('first did on 100 %')
  const metrics = rows(join(dir, 'runs/watched/metrics.jsonl')).map(({ metrics: one }) => one)
  const agreement = metrics.map((one) => one['canary/agreement/served-judge/raw'])
  expect(agreement).toEqual([1, undefined, 1, undefined, right / set.length, undefined])
  expect(metrics[4]['canary/agreement-drops']).toBe(1 + others.length)

  const none = await train('nothing.jsonl', '--name', 'unwatched')
  expect(none).toMatchObject({ ok: false, error: { code: 'DDA_CALIBRATION_MISSING', plugin: 'plugin-canary' } })
})

test('a set that judges cannot be asked is refused with its place before any is', async () => {
  const set = rows(join(dir, 'set.jsonl'))
  const refused = async (name: string, ...lines: object[]) => {
    writeFileSync(join(dir, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const { exitCode, error } = await ddaHere(dir, 'doctor', '--skip-edit', '--calibration', name)
    expect(exitCode).toBe(2)
    expect(error.next).toEqual(expect.any(String))
    return error
  }
  expect(await refused('none.jsonl')).toMatchObject({ code: 'DDA_CALIBRATION_MISSING' })
  const at = (place: string) => ({
    code: 'DDA_CALIBRATION_INVALID',
    location: expect.stringContaining(place) as string,
  })
  expect(await refused('broken.jsonl', { rollout: 1 })).toMatchObject(at('broken.jsonl:1'))
  expect(await refused('twice.jsonl', set[0], set[1], set[0])).toMatchObject(at('twice.jsonl:3'))
  expect(await refused('scope.jsonl', set[0], { ...set[1], scope: 'moral' })).toMatchObject(at('scope.jsonl:2'))
  const shown = set.find(({ scope }) => scope === 'visual')
  const gone = { ...shown, edited: { ...shown.edited, hash: 'f'.repeat(64) } }
  expect(await refused('gone.jsonl', set[0], gone)).toMatchObject(at('gone.jsonl:2'))
})

test('two things at once, and a run that is not there, are refused', async () => {
  const both = await ddaHere(dir, 'annotate', 'seen', '--export', 'a.csv', '--calibration', 'b.jsonl')
  expect(both).toMatchObject({ ok: false, exitCode: 2, error: { code: 'DDA_USAGE' } })
  expect(await ddaHere(dir, 'annotate', 'none')).toMatchObject({ error: { code: 'DDA_RUN_MISSING' } })
})
