import { execa } from 'execa'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { type Cell, appendCell, keyOf, readCells } from '../bench/ablation/cells.ts'
import { ARMS, WORLDS, cellsOf } from '../bench/ablation/plan.ts'
import { plot } from '../bench/ablation/plot.ts'
import { worldResults } from '../bench/ablation/summary.ts'
import { tables } from '../bench/ablation/tables.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'dda-ablation-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COUNT = 40
const samples = Array.from({ length: COUNT }, (_, i) => `sample-${i}`)

/** A cell of which so many samples are solved, and the same share of the items of all passed. */
function cellOf(arm: string, seed: number, solved: number, changes: Partial<Cell> = {}): Cell {
  const outcomes = (count: number) => ({
    samples,
    solved: samples.map((_, i) => (i < count ? 1 : 0)),
    passed: samples.map((_, i) => (i < count ? 1 : 0.5)),
    masked: 0,
  })
  const steps = changes.steps ?? 10
  const made = { rollouts: steps * 8, editorCalls: arm === 'split' ? steps * 4 : steps * 8 }
  return {
    world: 'composed',
    arm,
    seed,
    steps,
    settings: 'test',
    ...made,
    base: outcomes(1),
    trained: outcomes(solved),
    ...changes,
  }
}

test('a reward is better only where the interval and every seed say so', () => {
  const cells = [1, 2, 3].flatMap((seed) => [
    cellOf('sum', seed, 10),
    cellOf('normalized', seed, 30),
    cellOf('visual only', seed, seed === 1 ? 9 : 30),
    cellOf('holistic', seed, 2),
    cellOf('split', seed, 10),
  ])
  const [result, ...others] = worldResults(cells, 10)
  expect(others).toEqual([])
  const verdicts = Object.fromEntries(
    (result?.arms ?? []).map(({ arm, difference }) => [arm, difference?.solved.verdict]),
  )
  expect(verdicts).toEqual({
    sum: undefined,
    normalized: 'better',
    'visual only': 'no difference shown',
    holistic: 'worse',
    split: 'no difference shown',
  })
  const text = tables(worldResults(cells, 10), 8)
  expect(text).toContain('In tasks solved: better than `sum`: `normalized`; worse than `sum`: `holistic`;')
  expect(text).toContain('no difference shown for `visual only`, `split`')
  expect(text).toContain('Of the Editor calls of `sum` `split` buys 50.0 %.')
})

test('one seed shows no difference, however large', () => {
  const [result] = worldResults([cellOf('sum', 1, 2), cellOf('normalized', 1, 40)], 10)
  const difference = result?.arms.find(({ arm }) => arm === 'normalized')?.difference?.solved
  expect(difference).toMatchObject({ value: 38 / 40, verdict: 'no difference shown' })
})

test('samples are paired by id, and what failed on one side is left out of both', () => {
  const whole = cellOf('sum', 1, 20)
  const part = cellOf('split', 1, 20)
  const without = (list: readonly unknown[]): never[] => list.slice(10) as never[]
  const trained = {
    ...part.trained,
    samples: without(part.trained.samples),
    solved: without(part.trained.solved),
    passed: without(part.trained.passed),
  }
  const [result] = worldResults([whole, { ...part, trained }], 10)
  expect(result?.arms.find(({ arm }) => arm === 'split')?.difference?.solved).toMatchObject({ count: 30, value: 0 })
})

test('at equal Editor calls an arm that buys half has twice the steps', () => {
  const budget = { worlds: ['composed'], arms: ['sum', 'split'], seeds: 2, steps: 10, equalCalls: true }
  expect(cellsOf(budget).map(({ arm, seed, steps }) => `${arm} ${seed} ${steps}`)).toEqual([
    'sum 1 10',
    'split 1 10',
    'split 1 20',
    'sum 2 10',
    'split 2 10',
    'split 2 20',
  ])
  const longer = cellOf('split', 1, 30, { steps: 20, rollouts: 160, editorCalls: 80 })
  const results = worldResults([cellOf('sum', 1, 10), cellOf('split', 1, 12), longer], 10)
  expect(results.map(({ budget: name }) => name)).toEqual(['equal rollouts', 'equal Editor calls'])
  expect(results[1]?.arms.map(({ editorCalls }) => editorCalls)).toEqual([80, 80])
})

test('what is not measured is said, and never a number', () => {
  const text = tables(worldResults([cellOf('sum', 1, 10)], 10), 8)
  expect(text).toContain('Verdict: nothing to compare with `sum` yet.')
  expect(text).toContain('- easy: nothing of it')
  for (const arm of Object.keys(ARMS).filter((name) => name !== 'sum')) expect(text).toContain(`\`${arm}\``)
  expect(text).not.toMatch(/NaN|undefined|Infinity/)
  expect(tables([], 0)).toContain(`- ${Object.keys(WORLDS)[0]}: nothing of it`)
  expect(plot(worldResults([cellOf('sum', 1, 10)], 10))).not.toMatch(/NaN|undefined/)
  expect(plot([])).toContain('</svg>')
})

test('a cell that was cut off while it was written is as if it were not there', () => {
  const file = join(folder, 'cells.jsonl')
  appendCell(file, cellOf('sum', 1, 10))
  appendCell(file, cellOf('split', 1, 10))
  appendFileSync(file, '{"world":"composed","arm":"hol')
  expect([...readCells(file).keys()]).toEqual([keyOf(cellOf('sum', 1, 10)), keyOf(cellOf('split', 1, 10))])
  appendCell(file, cellOf('holistic', 1, 10))
  expect([...readCells(file).keys()]).toHaveLength(3)
})

test(
  'the small form trains, evaluates and tells; what is finished is not run again',
  { timeout: 600_000 },
  async () => {
    const out = join(folder, 'small')
    const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
    const run = () =>
      execa(process.execPath, [jiti, join(root, 'bench/ablation.ts'), '--small', '--out', out], { cwd: root })
    const first = await run()
    const cells = [...readCells(join(out, 'cells.jsonl')).values()]
    expect(cells.map(({ arm, rollouts, editorCalls }) => [arm, rollouts, editorCalls])).toEqual([
      ['sum', 16, 16],
      ['split', 16, 8],
    ])
    for (const { base, trained } of cells) {
      expect(base.samples).toEqual(trained.samples)
      expect(trained.samples).toHaveLength(4)
      expect(trained.passed.every((share) => share >= 0 && share <= 1)).toBe(true)
    }
    expect(first.stdout).toContain('Of the Editor calls of `sum` `split` buys 50.0 %.')
    expect(readFileSync(join(out, 'ablation.svg'), 'utf8')).toContain('composed, equal rollouts')
    const again = await run()
    expect(again.stderr).not.toContain('dda ')
    expect(again.stdout).toBe(first.stdout)
    // Cells of other settings are no part of the comparison, and nothing is mixed in silence.
    const lines = cells.map((cell) => JSON.stringify({ ...cell, settings: 'other' }))
    writeFileSync(join(out, 'cells.jsonl'), `${lines.join('\n')}\n`)
    await expect(run()).rejects.toThrow('holds cells of other settings')
  },
)
