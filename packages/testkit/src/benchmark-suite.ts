import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, BenchmarkAnswers, BenchmarkItem, BenchmarkQuestion } from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext } from './fakes/index.ts'
import { assertFingerprint, failsWithCode, withRole, type SuiteOptions } from './harness.ts'

export interface BenchmarkSuiteOptions extends SuiteOptions<Benchmark> {
  /** A folder of data in the official layout, or its list of items. */
  readonly data: string | (() => string | Promise<string>)
  /** Words of a judge that is content, which every parser of the benchmark reads. */
  readonly answer: (question: BenchmarkQuestion, item: BenchmarkItem) => string
}

/** Registers the conformance tests of a benchmark. */
export function benchmarkSuite(options: BenchmarkSuiteOptions): void {
  const { test, factory } = options
  const withItems = async (use: (benchmark: Benchmark, items: readonly BenchmarkItem[]) => Promise<void> | void) => {
    const data = typeof options.data === 'string' ? options.data : await options.data()
    await withRole(factory(), makeContext(), async (benchmark) =>
      use(benchmark, deepFreeze(await benchmark.load(data))),
    )
  }
  const contentAnswers = (benchmark: Benchmark, items: readonly BenchmarkItem[]): BenchmarkAnswers =>
    new Map(
      items.map((item) => [
        item.id,
        Object.fromEntries(benchmark.questions(item).map((question) => [question.key, options.answer(question, item)])),
      ]),
    )

  test('says who it is and by which rules it scores', async () => {
    const [one, two] = [factory(), factory()]
    assertFingerprint([one.fingerprint, two.fingerprint])
    assert.match(one.name, /^[a-z][a-z0-9-]*$/)
    assert.ok(Object.keys(one.rules).length > 0, 'its rules can be told')
    assert.ok(one.official.model.length > 0 && one.official.maxTokens > 0)
    assert.ok(one.outputTypes.length > 0, 'it says which types of pictures the official script finds')
    for (const { name, source, conditions, rules } of one.references) {
      assert.ok(name !== '' && source !== '' && conditions !== '', `${name}: a published number has a source`)
      for (const rule of Object.keys(rules)) assert.ok(Object.hasOwn(one.rules, rule), `${name}: a rule ${rule}`)
    }
  })

  test('loads items whose ids and outputs are their own and whose paths stay in their folder', () =>
    withItems((_, items) => {
      assert.ok(items.length > 0, 'the data has items')
      assert.equal(new Set(items.map(({ id }) => id)).size, items.length, 'ids are unique')
      assert.equal(new Set(items.map(({ output }) => output)).size, items.length, 'outputs are unique')
      for (const item of items) {
        assert.ok(item.instruction.trim() !== '' && item.category !== '' && item.images.length > 0, item.id)
        for (const path of [...item.images, ...(item.referenceImages ?? []), item.output]) {
          assert.ok(!path.startsWith('/') && !path.split(/[/\\]/).includes('..'), `${item.id}: ${path} stays inside`)
        }
      }
    }))

  test('data that is not there, and results that are not, are errors with a code', () =>
    withItems(async (benchmark, items) => {
      const nowhere = join(tmpdir(), 'dda-no-such-folder')
      await failsWithCode(benchmark.load(nowhere), { code: 'DDA_BENCHMARK_DATA', what: 'data that is not there' })
      await failsWithCode(benchmark.readAnswers(nowhere, items), { code: 'DDA_BENCHMARK_RESULTS', what: 'no results' })
    }))

  test('asks about the edited picture, with words, and with pictures that the item has', () =>
    withItems((benchmark, items) => {
      for (const item of items) {
        const questions = benchmark.questions(item)
        assert.ok(questions.length > 0, `${item.id} is asked about`)
        assert.equal(new Set(questions.map(({ key }) => key)).size, questions.length, `${item.id}: keys are unique`)
        for (const { key, parts } of questions) {
          assert.ok(
            parts.some((part) => 'text' in part && part.text.trim() !== ''),
            `${item.id} ${key}: words`,
          )
          assert.ok(
            parts.some((part) => 'image' in part && part.image === 'edited'),
            `${item.id} ${key}: edited picture`,
          )
          for (const part of parts) {
            if (!('image' in part) || part.image === 'edited') continue
            const pictures = part.image === 'source' ? item.images : (item.referenceImages ?? [])
            assert.ok(pictures[part.index] !== undefined, `${item.id} ${key}: there is no ${part.image} ${part.index}`)
          }
        }
      }
    }))

  test('a judge that is content leaves no problem, and the best figures', () =>
    withItems((benchmark, items) => {
      const { rows, items: scored, problems } = benchmark.score(items, deepFreeze(contentAnswers(benchmark, items)))
      assert.deepEqual(problems, [])
      assert.equal(rows[0]?.kind, 'overall', 'the overall row comes first')
      assert.equal(rows[0].n, items.length)
      assert.deepEqual(
        scored.map(({ id }) => id),
        items.map(({ id }) => id),
        'one score an item, in the order of the data',
      )
      for (const { kind, name, n, measured, figures } of rows) {
        assert.ok(measured <= n && n >= 0, `${kind} ${name}: measured ${measured} of ${n}`)
        for (const [figure, value] of Object.entries(figures)) {
          assert.ok(value === null || Number.isFinite(value), `${name} ${figure} is ${String(value)}`)
        }
      }
      for (const { id, figures } of scored) {
        assert.ok(Object.hasOwn(figures, benchmark.primary), `${id} has the figure ${benchmark.primary}`)
      }
      assert.ok(Object.hasOwn(rows[0].figures, benchmark.primary), `overall has the figure ${benchmark.primary}`)
      for (const { name, figures } of benchmark.references) {
        for (const [row, published] of Object.entries(figures)) {
          const ours = rows.find((one) => one.name === row)
          for (const [figure, value] of Object.entries(published)) {
            const best = ours?.figures[figure]
            assert.ok(typeof best === 'number', `${name}: ${row} ${figure} is a figure of the benchmark`)
            // Fractions beside fractions: a rule may keep the best of the fixture below 1.
            assert.ok(value >= 0 && value <= Math.max(1, best), `${name}: ${row} ${figure} ${value} is on its scale`)
          }
        }
      }
    }))

  test('nothing answered is nothing measured: every item is missing, and no mean is made up', () =>
    withItems((benchmark, items) => {
      const { rows, problems } = benchmark.score(items, new Map())
      const missing = new Set(problems.filter(({ problem }) => problem === 'missing').map(({ item }) => item))
      assert.deepEqual([...missing].toSorted(), items.map(({ id }) => id).toSorted())
      assert.equal(rows[0]?.measured, 0)
    }))

  test('an answer that says nothing is unparsable and in no mean', () =>
    withItems((benchmark, items) => {
      const answers = new Map(contentAnswers(benchmark, items))
      const [item] = items
      assert.ok(item !== undefined)
      const silent = benchmark.questions(item).map(({ key }) => [key, 'I would rather not say.'])
      answers.set(item.id, Object.fromEntries(silent) as Record<string, string>)
      const { rows, problems } = benchmark.score(items, answers)
      assert.ok(problems.length > 0 && problems.every((found) => found.item === item.id))
      assert.ok(problems.every(({ problem, why }) => problem === 'unparsable' && why !== ''))
      assert.equal(rows[0]?.measured, items.length - 1)
    }))

  test('answers written are answers read', () =>
    withItems(async (benchmark, items) => {
      const folder = await mkdtemp(join(tmpdir(), 'dda-benchmark-'))
      try {
        const answers = contentAnswers(benchmark, items)
        await benchmark.writeAnswers(folder, items, answers)
        const read = await benchmark.readAnswers(folder, items)
        assert.deepEqual(benchmark.score(items, read), benchmark.score(items, answers))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }))
}
