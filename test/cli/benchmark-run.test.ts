import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startStandIn as startEditor } from '../../plugins/editor-openai/src/stand-in-server.ts'
import { startStandIn as startThinker } from '../../plugins/thinker-chat/src/stand-in-server.ts'
import { ENTRIES, writeRiseData } from '../../plugins/benchmark-rise/src/rise.fixture.ts'
import { ensureBuilt, installPluginApi, startDda, temporaryFolder } from '../support/dda.ts'
import { ddaHere, ddaText } from '../support/in-process.ts'
import { heldFrom, startRatingServer, type Rated, type RatingAnswer } from '../support/rating-server.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const MODEL = 'judge-model'
const THINKER = 'thinker-model'
const QUESTIONS = 24

beforeAll(() => ensureBuilt())

/** Binary where the question is, else on the scale of five. */
const best = ({ text }: Rated) => `Right.\n**Final Score:** ${text.includes('being 0 or 1') ? 1 : 5}`

async function project(answer: RatingAnswer) {
  const [editor, thinker, judge] = [
    await startEditor(),
    await startThinker({ model: THINKER }),
    await startRatingServer(MODEL, answer),
  ]
  const dir = temporaryFolder()
  onTestFinished(async () => {
    await Promise.all([editor, thinker, judge].map((server) => server.close()))
    rmSync(dir, { recursive: true, force: true })
  })
  installPluginApi(dir)
  await writeRiseData(join(dir, 'rise'))
  const config = {
    thinker: { use: 'chat', endpoint: thinker.url, model: THINKER },
    editor: { use: 'openai', endpoints: [editor.url] },
    benchmark: [
      {
        use: 'rise',
        judge: { endpoints: [judge.url], model: MODEL, perEndpoint: 2, attempts: 2, retryDelaySeconds: 0 },
      },
    ],
  }
  // JSON is YAML.
  writeFileSync(join(dir, 'dda.config.yaml'), JSON.stringify(config))
  const args = ['benchmark', 'run', 'rise', '--data', 'rise']
  return { dir, editor, judge, args, run: (...more: readonly string[]) => ddaHere(dir, ...args, ...more) }
}

test('a benchmark runs end to end: official layout, reference pictures at the judge, the same scores again from its files', async () => {
  const { dir, judge, run } = await project(best)
  const { data } = await run()
  expect(data).toMatchObject({
    state: 'finished',
    benchmark: 'rise',
    primary: 'accuracy',
    thinkers: {
      none: { edited: 9, n: 9, coverage: 1, overall: { accuracy: 1 } },
      thinker: { edited: 9, coverage: 1, problems: [] },
    },
    differences: [{ a: 'none', b: 'thinker', count: 9, value: 0, unpaired: 0 }],
  })
  expect(data.references.length).toBeGreaterThan(10)
  expect(data.thinkers.none.primaryByCategory.temporal_reasoning).toMatchObject({ value: 1, high: 1 })
  for (const name of ['none', 'thinker']) {
    for (const { index, category } of ENTRIES) {
      expect(existsSync(join(data.thinkers[name].results, 'images', String(category), `${String(index)}.png`))).toBe(
        true,
      )
    }
  }
  const reference = readFileSync(join(dir, 'rise/spatial_reasoning_images/1_ref.png'))
  const shown = judge.rated.filter(({ pictures }) => pictures.some((picture) => picture.equals(reference)))
  // Consistency and reasoning, of both Thinkers.
  expect(shown).toHaveLength(4)
  const scored = await ddaHere(
    dir,
    'benchmark',
    'score',
    'rise',
    '--data',
    'rise',
    '--results',
    data.thinkers.none.results,
  )
  expect(scored.data.overall).toEqual(data.thinkers.none.overall)

  const asked = judge.rated.length
  const again = await run()
  expect(again.data.run).toBe(data.run)
  expect(again.data.thinkers).toEqual(data.thinkers)
  const strict = await run('--parser', 'strict')
  expect(strict.data.thinkers.none.overall.accuracy).toBe(1)
  expect(judge.rated).toHaveLength(asked)
})

test('a run is shown with intervals, differences and published figures, and has a report', async () => {
  const { dir, run } = await project((question) =>
    question.text.includes('Seven.') ? 'I would rather not say.' : best(question),
  )
  const { data } = await run()
  const shown = await ddaHere(dir, 'runs', 'show', data.run)
  expect(shown.data.benchmark).toMatchObject({
    benchmark: 'rise',
    confidence: 0.95,
    thinkers: { none: { primary: { count: 9 }, unparsable: 1, missing: 0 } },
    differences: [{ a: 'none', b: 'thinker', count: 8, unpaired: 1 }],
  })
  const told = await ddaText(dir, 'runs', 'show', data.run)
  expect(told).toContain('thinker − none: 0.000')
  expect(told).toMatch(/GPT-Image-2\s+0\.4940\s+\[1\]/)
  expect(told).toContain('judge gpt-4.1-2025-04-14; rules released-2026-04')
  expect(told).toContain('before-2026-04 (here released-2026-04)')

  // The newest record is the benchmark.
  const report = await ddaHere(dir, 'report')
  expect(report.data).toMatchObject({
    run: data.run,
    benchmark: 'rise',
    primary: 'accuracy',
    thinkers: { thinker: { n: 9, unparsable: 1, byCategory: { temporal_reasoning: { value: 1 } } } },
  })
  const page = readFileSync(report.data.report, 'utf8')
  for (const id of ['results', 'rows', 'published', 'problems', 'spending', 'how', 'notes']) {
    expect(page).toContain(`<section id="${id}"`)
  }
  expect(page).toContain('DDA-Thinker 32B')
  expect(page).toContain('before-2026-04, here released-2026-04')
  for (const [, source] of page.matchAll(/\s(?:src|href)="([^"]*)"/g))
    expect(source).toMatch(/^(data:image\/|#|\.\.\/data\/store\/)/)
  const summary = JSON.parse(readFileSync(report.data.summary, 'utf8'))
  expect(summary.references).toEqual(data.references)

  await rm(join(data.runDir, 'benchmark.json'))
  expect((await ddaHere(dir, 'report')).error.code).toBe('DDA_USAGE_RECORD')
  writeFileSync(join(data.runDir, 'benchmark.json'), '{')
  expect((await ddaHere(dir, 'report')).error.code).toBe('DDA_RUN_CORRUPT')
})

test('killed while it judges, it continues, and asks nothing twice', async () => {
  const { answer, reached, letGo } = heldFrom(QUESTIONS / 2, best)
  const { dir, editor, judge, args, run } = await project(answer)
  const child = startDda(dir, args)
  await reached
  child.kill('SIGKILL')
  await once(child, 'exit')
  letGo()
  const before = judge.rated.length
  const edits = editor.count
  const { data } = await run()
  expect(data).toMatchObject({ state: 'finished', thinkers: { none: { coverage: 1 }, thinker: { coverage: 1 } } })
  expect(editor.count).toBe(edits)
  // What the kill cut off is asked again: one question a place of the judge.
  expect(judge.rated.length - before).toBeLessThanOrEqual(2 * QUESTIONS - (before - 2))
})

test('a question that fails is missing, is counted, and is asked again the next time', async () => {
  let broken = true
  const { run } = await project((question) => (broken && question.text.includes('Seven.') ? 500 : best(question)))
  const first = await run('--thinker', 'none')
  expect(first.data.thinkers.none).toMatchObject({ missing: 1, unparsable: 0, overall: { n: 9, measured: 8 } })
  expect(first.warnings.join('\n')).toContain('logical_reasoning_2')
  broken = false
  const second = await run('--thinker', 'none')
  expect(second.data.thinkers.none).toMatchObject({ missing: 0, coverage: 1 })
})

test('a budget ends it resumably, and without a judge it leaves the official layout', async () => {
  const { run, dir, judge } = await project(best)
  const poor = startDda(dir, ['benchmark', 'run', 'rise', '--data', 'rise', '--json', '--set', 'budget.judgeTokens=60'])
  await once(poor, 'exit')
  expect(poor.exitCode).toBe(4)
  expect(judge.rated.length).toBeLessThan(2 * QUESTIONS)
  expect((await run('--set', 'budget.judgeTokens=100000')).data.state).toBe('finished')
  const silent = await run('--set', 'benchmark=[{"use":"rise"}]', '--results', 'outputs')
  expect(silent.data.thinkers.thinker).toEqual({
    results: join(silent.data.thinkers.none.results, '../thinker'),
    edited: 9,
    causes: [],
  })
  expect(existsSync(join(dir, 'outputs/thinker/images/temporal_reasoning/temporal_reasoning_1.png'))).toBe(true)
})
