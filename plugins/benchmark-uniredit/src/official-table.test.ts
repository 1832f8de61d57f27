// Generated answers, some of no use, and what the official script (eval/gpt_eval_uniredit.py, a7015c5) made of them.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unireditBenchmark } from './index.ts'

interface Official {
  readonly data: readonly { readonly name: string; readonly idx: number }[]
  readonly answers: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly rows: Readonly<Record<string, readonly [number, number, number | null]>>
}

const file = new URL('./official-table.fixture.json', import.meta.url)
const official = JSON.parse(await readFile(file, 'utf8')) as Official

test('every row of the official table to 1e-9', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-uniredit-'))
  const more = { instruction: 'x', original_image_path: 'a.png', reference_image_path: 'b.png' }
  await writeFile(join(folder, 'data.json'), JSON.stringify(official.data.map((item) => ({ ...item, ...more }))))
  await writeFile(join(folder, 'judge-answers.json'), JSON.stringify(official.answers))
  const benchmark = unireditBenchmark({ unusable: 'released', parser: 'official' })
  const items = await benchmark.load(folder)
  const { rows } = benchmark.score(items, await benchmark.readAnswers(folder, items))
  await rm(folder, { recursive: true })
  expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(official.rows).toSorted())
  for (const { name, figures } of rows) {
    const [score, percentage, accuracy] = official.rows[name] ?? []
    expect(figures['score']).toBeCloseTo(score ?? NaN, 9)
    expect(figures['percentage']).toBeCloseTo(percentage ?? NaN, 9)
    if (accuracy !== null) expect(figures['accuracy']).toBeCloseTo(accuracy ?? NaN, 9)
  }
})
