import { readFileSync } from 'node:fs'
import type { BenchmarkItem } from '@dda-thinker/plugin-api'
import { describe, expect, test } from 'vitest'
import { DIMENSIONS } from './folders.ts'
import { krisBenchmark } from './index.ts'

type Metrics = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number | null>>>>>>

/** Summaries that the official script made of generated metrics; the file says which version, and when. */
const recorded = JSON.parse(readFileSync(new URL('official-table.fixture.json', import.meta.url), 'utf8')) as {
  readonly sizes: Readonly<Record<string, number>>
  readonly cases: readonly {
    readonly name: string
    readonly metrics: Metrics
    readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>
  }[]
}

const itemsOf = (sizes: Readonly<Record<string, number>>): readonly BenchmarkItem[] =>
  Object.entries(sizes).flatMap(([category, size]) =>
    Array.from({ length: size }, (_, at) => ({
      id: `${category}/${at + 1}`,
      category,
      instruction: 'Do it.',
      images: [`${category}/${at + 1}.jpg`],
      output: `${category}/${at + 1}`,
      entry: {},
    })),
  )

const answersOf = (metrics: Metrics) =>
  new Map(
    Object.entries(metrics).flatMap(([folder, entries]) =>
      Object.entries(entries).map(([id, scores]) => [`${folder}/${id}`, scores] as const),
    ),
  )

describe.each(recorded.cases)('$name', ({ metrics, rows }) => {
  const { rows: ours } = krisBenchmark({ mean: 'pooled', parser: 'official' }).score(
    itemsOf(recorded.sizes),
    answersOf(metrics),
  )
  test.each(Object.entries(rows))('%s equals the official summary', (name, figures) => {
    const found = ours.find((row) => row.name === name)?.figures ?? {}
    for (const [figure, value] of Object.entries(figures)) {
      const measured = found[figure === 'AVG' ? 'average' : figure]
      expect(Math.abs((measured ?? Number.NaN) - value), figure).toBeLessThan(1e-9)
    }
  })
})

test('the pools of a complete run are those of the published set', () => {
  const items = itemsOf(Object.assign({}, ...DIMENSIONS.map(({ folders }) => folders)) as Record<string, number>)
  expect(items).toHaveLength(1267)
  const sizes = DIMENSIONS.map(({ name, folders, metrics }) => [
    name,
    Object.values(folders).reduce((sum, size) => sum + size, 0) * metrics.length,
  ])
  expect(Object.fromEntries(sizes)).toEqual({
    'Attribute Perception': 825,
    'Spatial Perception': 300,
    'Temporal Prediction': 222,
    'Social Science': 500,
    'Natural Science': 1572,
    'Logical Reasoning': 600,
    'Instruction Decomposition': 450,
  })
  const answers = new Map(
    items.map((item, at) => [
      item.id,
      {
        consistency_score: 1 + (at % 5),
        quality_score: 1 + (at % 3),
        instruction_score: 1 + (at % 4),
        knowledge_score: 1 + (at % 2),
      },
    ]),
  )
  const { rows, problems } = krisBenchmark({ mean: 'pooled', parser: 'official' }).score(items, answers)
  expect(problems).toEqual([])
  const average = (name: string) => rows.find((row) => row.name === name)?.figures['average'] ?? Number.NaN
  const weighted =
    (1347 * average('Factual Knowledge') +
      2072 * average('Conceptual Knowledge') +
      1050 * average('Procedural Knowledge')) /
    4469
  expect(Math.abs(average('Overall') - weighted)).toBeLessThan(1e-9)
})

test('the published rows of DARS’s table obey the pooled identity to two decimals', () => {
  const published = krisBenchmark({ mean: 'pooled', parser: 'official' }).references.filter(({ source }) =>
    source.startsWith('DARS'),
  )
  const off = published.filter(({ figures }) => {
    const [f = 0, c = 0, p = 0, average = 0] = [
      'Factual Knowledge',
      'Conceptual Knowledge',
      'Procedural Knowledge',
      'Overall',
    ].map((row) => figures[row]?.['average'] ?? Number.NaN)
    return !(Math.abs((1347 * f + 2072 * c + 1050 * p) / 4469 - average) <= 0.01)
  })
  expect(off.map(({ name }) => name)).toEqual([])
})
