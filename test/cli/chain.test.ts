import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dda, ensureBuilt, envelope, type Parsed, tinyProject } from '../support/dda.ts'
import { ddaHere, ddaText } from '../support/in-process.ts'

// Each command is a process once, as people start it; what else it answers is asked of the same code in this one. A busy machine takes
// its time.
vi.setConfig({ testTimeout: 600_000 })

const { dir, remove } = tinyProject()
const evaluation: { name?: string } = {}
const here = (...args: string[]): Promise<Parsed> => ddaHere(dir, ...args)

async function json(...args: string[]): Promise<Parsed> {
  const ran = await dda(dir, [...args, '--json'])
  const result = envelope(ran)
  expect(result.exitCode, ran.stderr).toBe(ran.code)
  return result
}

beforeAll(async () => {
  ensureBuilt()
  expect((await json('synthesize')).data).toMatchObject({ samples: 21, bySplit: { train: 12, 'held-out': 9 } })
})
afterAll(remove)

test('before any training, what is missing is named', async () => {
  expect(await here('report')).toMatchObject({ exitCode: 2, error: { code: 'DDA_RUN_MISSING' } })
  expect(await here('eval')).toMatchObject({ exitCode: 2, error: { code: 'DDA_RUN_MISSING' } })
  expect(await here('eval', '--thinker', 'basis')).toMatchObject({ exitCode: 2, error: { code: 'DDA_USAGE_THINKER' } })
})

test('data, training, evaluation and report, each by its command', async () => {
  expect(await json('curate')).toMatchObject({ ok: true, data: { kept: 21, dropped: 0 } })
  const trained = await json('train')
  expect(trained).toMatchObject({ ok: true, data: { state: 'finished', step: 12, steps: 12, resumedFrom: 0 } })

  const evaluated = await json('eval')
  expect(evaluated.exitCode).toBe(0)
  const { thinkers, run } = evaluated.data
  evaluation.name = run
  expect(Object.keys(thinkers)).toEqual(['none', 'base', 'trained'])
  expect(thinkers.base).toMatchObject({ samples: 9, scored: 9, masked: 0, solved: 0 })
  expect(thinkers.trained).toMatchObject({ scored: 9, solved: 1, high: 1 })
  expect(thinkers.trained.low).toBeCloseTo(0.70085, 4)

  const report = await json('report', '--since', new Date(Date.now() - 60_000).toISOString())
  const summary = JSON.parse(readFileSync(join(dir, 'report/summary.json'), 'utf8'))
  expect(Object.keys(summary)).toEqual(['heldOut', 'seconds', 'seed'])
  expect(summary.heldOut.trained).toMatchObject({ solved: 1, high: 1, byCategory: { causal: { solved: 1 } } })
  expect(summary.seconds.total).toBeGreaterThanOrEqual(60)
  expect(summary.seconds.train).toBeGreaterThan(0)
  expect(report.data).toMatchObject({ heldOut: summary.heldOut, training: trained.data.run })
  const page = readFileSync(join(dir, 'report/report.html'), 'utf8')
  expect(page).toContain('think of a clear sky')
  expect(page).toContain('data:image/png;base64,')
  expect(page).toContain('<section id="curves"')
  const costs = /<section id="spending">([^]*?)<\/section>/.exec(page)?.[1] ?? ''
  expect(costs).toContain(`Training: ${trained.data.run}`)
  expect(costs).toContain(`Evaluation: ${run}`)
  for (const stage of ['plan', 'edit', 'judge']) expect(costs).toContain(`<th scope="row">${stage}</th>`)
})

test('the same training command again continues, and does nothing where nothing is left', async () => {
  expect(await json('train')).toMatchObject({ ok: true, data: { state: 'finished', step: 12, resumedFrom: 12 } })
  expect(await json('train', '--steps', '14')).toMatchObject({ ok: true, data: { step: 14, resumedFrom: 12 } })
})

test('an evaluation below its threshold exits with 1, too many masked rollouts with 5', async () => {
  expect(await here('eval', '--thinker', 'base', '--min-solved', '0.5')).toMatchObject({ ok: false, exitCode: 1 })
  const masked = await here('eval', '--thinker', 'base', '--set', 'editor.failOn=grey')
  expect(masked).toMatchObject({
    ok: false,
    exitCode: 5,
    data: { thinkers: { base: { masked: 9, scored: 0, maskedByKind: { timeout: 9 } } } },
  })
  expect(masked.data.thinkers.base).not.toHaveProperty('solved')
  expect(masked.warnings).toHaveLength(1)
})

test('two evaluations are compared pair by pair, with their flips', async () => {
  const { data } = await json('compare', `${evaluation.name}/base`, `${evaluation.name}/trained`)
  expect(data.comparison.solved).toMatchObject({ count: 9, value: 1, low: 1, high: 1, better: 9, worse: 0 })
  expect(data.comparison.flips).toHaveLength(9)
  expect(data.comparison.flips[0]).toMatchObject({
    direction: 'gained',
    instruction: expect.any(String),
    items: ['names', 'shows', 'dull'],
    questions: { length: 3 },
  })
})

test('the same plans under another Editor are compared with what they were', async () => {
  const { data, exitCode } = await here('compare', `${evaluation.name}/trained`, '--set', 'editor.swap=true')
  expect(exitCode).toBe(0)
  expect(data.comparison.solved).toMatchObject({ count: 9, better: 0, worse: 3 })
  expect(data.comparison.byCategory.causal.value).toBe(-1)
  expect(data.comparison.flips.every(({ items }: { items: string[] }) => items.join() === 'shows')).toBe(true)
  const text = await ddaText(dir, 'compare', `${evaluation.name}/trained`, '--set', 'editor.swap=true')
  expect(text).toContain('Editor tiny-editor swap=true')
  expect(text).toMatch(/− held-out-\d+ +causal\/red +\S.*\n +shows: \S.*\?/)
})

test('unknown records are usage errors that list what there is', async () => {
  expect(await here('compare', `${evaluation.name}/other`, `${evaluation.name}/base`)).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_USAGE_RECORD', next: expect.stringContaining('none, base, trained') },
  })
  expect(await here('compare', `${evaluation.name}/base`)).toMatchObject({ exitCode: 2, error: { code: 'DDA_USAGE' } })
  expect(await here('runs', 'show', 'train-00000000')).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_RUN_MISSING' },
  })
})

test('runs are listed and shown', async () => {
  const { data } = await here('runs')
  const tasks = data.runs.map(({ task }: { task: string }) => task)
  expect(tasks).toEqual(expect.arrayContaining(['train', 'evaluate']))
  expect(data.runs.find(({ name }: { name: string }) => name === evaluation.name)).toMatchObject({
    editor: 'tiny-editor swap=false',
    thinkers: { base: 0, trained: 1 },
  })
  const { stdout } = await dda(dir, ['runs'])
  expect(stdout).toMatch(/evaluate-\w+ .* tiny-editor swap=false +.*base 0 %, trained of train-\w+ 100 %/)
  const run = data.runs.find(({ task }: { task: string }) => task === 'train').name
  const shown = await json('runs', 'show', run)
  expect(shown.data).toMatchObject({ state: 'finished', step: 14, last: { step: 14 } })
  expect(shown.data.last.metrics['reward/mean']).toBeGreaterThan(0.5)
  const timed = await here('plugins', '--run', run)
  expect(timed.data.timings).toContainEqual(
    expect.objectContaining({ plugin: 'tiny-trainer', call: 'trainer.update', count: 14 }),
  )
})

test('a budget and Ctrl-C end a run resumably', async () => {
  const slow = ['--name', 'slow', '--set', 'trainer.slow=150', '--set', 'train.checkpointEvery=1', '--steps', '40']
  const budget = await json('train', ...slow, '--max-seconds', '1')
  expect(budget).toMatchObject({ exitCode: 4, data: { state: 'interrupted' } })
  const first = budget.data.step
  expect(first).toBeLessThan(40)
  const ran = await dda(dir, ['train', ...slow, '--json'], { sigintAfter: /Continuing from the checkpoint/ })
  expect(ran.code).toBe(130)
  expect(envelope(ran)).toMatchObject({ ok: false, data: { state: 'interrupted' } })
  expect(envelope(ran).data.step).toBeGreaterThanOrEqual(first)
  expect(ran.stderr).toContain('Press Ctrl-C again')
})

test('a supervised warm start, and training from it', async () => {
  const warm = await here('train', '--stage', 'sft', '--steps', '3', '--batch', '6')
  expect(warm).toMatchObject({ ok: true, data: { state: 'finished', step: 3 } })
  expect(existsSync(warm.data.runDir)).toBe(true)
  const tuned = await here('train', '--init', warm.data.run, '--steps', '2')
  expect(tuned).toMatchObject({ ok: true, data: { step: 2 } })
  const evaluated = await here('eval', '--thinker', `run:${tuned.data.run}`)
  expect(evaluated.data.thinkers[`run:${tuned.data.run}`]).toMatchObject({ solved: 1 })
})
