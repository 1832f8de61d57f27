// Generated answers in every domain, and what the official script (sum.py, 2268aeb) made of them before it rounds.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gradeBenchmark } from './index.ts'

interface Official {
  readonly items: readonly { readonly task_id: string }[]
  readonly answers: Readonly<Record<string, readonly [readonly string[], number | 'none', number]>>
  readonly table: readonly Readonly<Record<string, number | string>>[]
  readonly each: Readonly<Record<string, readonly [relaxed: number, accuracy: number]>>
}

const file = new URL('./official-table.fixture.json', import.meta.url)
const official = JSON.parse(await readFile(file, 'utf8')) as Official

test('every row of the official table, and every item, to 1e-9', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-grade-'))
  const paths = { text: 'x', image_path: 'a.png', gt: 'b.png' }
  await writeFile(join(folder, 'result.json'), JSON.stringify(official.items.map((item) => ({ ...item, ...paths }))))
  const benchmark = gradeBenchmark({ denominator: 'released', parser: 'official' })
  const items = await benchmark.load(folder)
  await rm(folder, { recursive: true })
  const final = (score: number) => JSON.stringify({ Instruction: 'i', 'Final Score': score, Reason: 'r' })
  const answers = new Map(
    Object.entries(official.answers).map(([id, [said, consistency, readability]]) => [
      id,
      {
        reasoning: JSON.stringify(said.map((answer) => ({ question: 'q', answer, reason: 'r' }))),
        consistency: consistency === 'none' ? null : final(consistency),
        readability: final(readability),
      },
    ]),
  )
  const { rows, items: scored, problems } = benchmark.score(items, answers)
  expect(problems).toEqual([])
  for (const row of official.table) {
    const ours = rows.find(({ name }) => name === row['domain'])
    // The first row spells its keys otherwise than those of the domains.
    const value = (...keys: readonly string[]) => Number(keys.map((key) => row[key]).find((one) => one !== undefined))
    const figures = ours?.figures ?? {}
    expect(figures['reasoning']).toBeCloseTo(value('reasoning_score', 'reasoning score'), 9)
    expect(figures['consistency']).toBeCloseTo(value('consis_score', 'consist score'), 9)
    expect(figures['readability']).toBeCloseTo(value('read_score', 'readability score'), 9)
    expect(figures['relaxed']).toBeCloseTo(value('relax_score'), 9)
    expect(100 * (figures['accuracy'] ?? NaN)).toBeCloseTo(value('acc_score'), 9)
    expect(ours?.n).toBe(value('count', 'total_num'))
  }
  for (const { id, figures } of scored) {
    const [relaxed, accuracy] = official.each[id] ?? []
    expect(figures['relaxed']).toBeCloseTo(relaxed ?? NaN, 9)
    expect(figures['accuracy']).toBe(accuracy)
  }
})
