import { readFileSync } from 'node:fs'
import type { BenchmarkAnswers, BenchmarkItem, Json } from '@dda-thinker/plugin-api'
import { describe, expect, test } from 'vitest'
import { riseBenchmark, type RiseOptions } from './index.ts'

interface Case {
  readonly name: string
  readonly data: readonly (Readonly<Record<string, Json>> & { readonly index: string; readonly category: string })[]
  readonly answers: Readonly<Record<string, Readonly<Record<string, string | null>>>>
  /** By row: score, percentage, accuracy. */
  readonly rows: Readonly<Record<string, readonly (number | null)[]>>
  readonly accuracyBefore: Readonly<Record<string, number>>
}

/** Tables that the official script wrote of generated data and answers; the file says which version, and when. */
const recorded = JSON.parse(readFileSync(new URL('official-table.fixture.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[]
}

const RELEASED: RiseOptions = { rules: 'released-2026-04', score: 'released', parser: 'official' }

const itemsOf = ({ data }: Case): readonly BenchmarkItem[] =>
  data.map((entry) => ({
    id: entry.index,
    category: entry.category,
    ...(typeof entry['subtask'] === 'string' && { subtask: entry['subtask'] }),
    instruction: 'Do it.',
    images: ['a.png'],
    output: entry.index,
    entry,
  }))

const table = (given: Case, options: RiseOptions) =>
  new Map(
    riseBenchmark(options)
      .score(itemsOf(given), new Map(Object.entries(given.answers)) satisfies BenchmarkAnswers)
      .rows.map(({ name, figures }) => [name, figures]),
  )

describe.each(recorded.cases)('$name', (given) => {
  test('every row equals the official one', () => {
    const rows = table(given, RELEASED)
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(given.rows).toSorted())
    for (const [name, [score, percentage, accuracy]] of Object.entries(given.rows)) {
      const expected = { score, percentage, ...(accuracy === null ? {} : { accuracy }) }
      for (const [figure, value] of Object.entries(expected)) {
        const found = rows.get(name)?.[figure]
        if (typeof value === 'number')
          expect(Math.abs((found ?? Number.NaN) - value), `${name} ${figure}`).toBeLessThan(1e-9)
        else expect(found, `${name} ${figure}`).toBeNull()
      }
    }
  })

  test('accuracy before April 2026 equals that of the script of the time', () => {
    const rows = table(given, { ...RELEASED, rules: 'before-2026-04' })
    for (const [name, accuracy] of Object.entries(given.accuracyBefore)) {
      expect(Math.abs((rows.get(name)?.['accuracy'] ?? Number.NaN) - accuracy), name).toBeLessThan(1e-9)
    }
  })
})

test('the two accuracy rules differ on flagged items, and the two scores where only some are', () => {
  const flagged = recorded.cases.find(({ name }) => name === 'flags true')
  const plain = recorded.cases.find(({ name }) => name === 'no flags')
  if (flagged === undefined || plain === undefined) throw new Error('the fixture has changed')
  const overall = (given: Case, options: Partial<RiseOptions>) =>
    table(given, { ...RELEASED, ...options }).get('Overall')
  expect(overall(flagged, {})?.['accuracy']).not.toBe(overall(flagged, { rules: 'before-2026-04' })?.['accuracy'])
  expect(overall(flagged, {})?.['score']).not.toBe(overall(flagged, { score: 'intended' })?.['score'])
  expect(overall(plain, {})).toEqual(overall(plain, { score: 'intended', rules: 'before-2026-04' }))
})
