import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { purchases, readJournalFile } from '../support/records.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const { dir, remove } = tinyProject()
const config = join(dir, 'dda.config.yaml')
const original = readFileSync(config, 'utf8')

beforeAll(async () => {
  ensureBuilt()
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train')
  const editors =
    'eval:\n  editors:\n    swapped: { use: ./tiny.mjs, swap: true }\n    failing: { use: ./tiny.mjs, failOn: red }\n'
  writeFileSync(config, `${original}${editors}`)
})
afterAll(remove)

test('every Thinker under every Editor: intervals, paired differences, where it went wrong, coverage', async () => {
  const { exitCode, data } = await ddaHere(dir, 'eval')
  expect(exitCode).toBe(0)
  expect(data).toMatchObject({
    state: 'finished',
    split: 'held-out',
    editors: [
      { name: './tiny.mjs', editor: 'tiny-editor swap=false' },
      { name: 'swapped', editor: 'tiny-editor swap=true' },
      { name: 'failing', editor: 'tiny-editor swap=false failing' },
    ],
  })
  const { './tiny.mjs': plain, swapped, failing } = data.matrix
  expect(Object.keys(plain)).toEqual(['none', 'base', 'trained'])
  expect(Object.keys(swapped)).toEqual(['none', 'base', 'trained'])
  expect(plain.trained).toMatchObject({ solved: 1, high: 1, coverage: 1, failures: { planWrong: 0, imageWrong: 0 } })
  expect(plain.base.failures).toMatchObject({ planWrong: 9, imageWrong: 0 })
  // The plans were right: three said red, and the Editor painted green.
  expect(swapped.trained).toMatchObject({ scored: 9, failures: { planWrong: 0, imageWrong: 3 } })
  expect(swapped.trained.solved).toBeCloseTo(2 / 3, 9)
  expect(swapped.trained.low).toBeLessThan(2 / 3)
  // Three edits failed: they are out of the rate, in the coverage, and no number was made of them.
  expect(failing.trained).toMatchObject({
    scored: 6,
    masked: 3,
    solved: 1,
    failures: { failed: { edit: 3, judge: 0 } },
  })
  expect(failing.trained.coverage).toBeCloseTo(2 / 3, 9)

  const { editors, thinkers } = data.differences
  const of = (rows: { under: string; a: string; b: string }[], under: string, b: string) =>
    rows.find((row) => row.under === under && row.b === b)
  expect(of(editors, 'trained', 'swapped')).toMatchObject({
    a: './tiny.mjs',
    pairs: 9,
    unpaired: 0,
    solved: { worse: 3, better: 0 },
  })
  expect(of(editors, 'trained', 'failing')).toMatchObject({ pairs: 6, unpaired: 3, solved: { value: 0 } })
  expect(of(thinkers, './tiny.mjs', 'trained')).toMatchObject({ a: 'none', pairs: 9, solved: { value: 1, low: 1 } })
  expect(of(thinkers, 'swapped', 'trained')).toMatchObject({ solved: { value: expect.closeTo(2 / 3, 9) } })
  expect(editors).toHaveLength(6)
  expect(thinkers).toHaveLength(6)

  // The same plans and Editor seeds everywhere, each Editor with a record that other commands read.
  const runs: readonly string[] = data.editors.map(({ run }: { run: string }) => run)
  const [first, second] = runs.map((run) => readJournalFile(dir, run).rollouts)
  expect(second?.map(({ plan }) => plan?.text)).toEqual(first?.map(({ plan }) => plan?.text))
  expect(second?.map(({ edit }) => edit?.seed)).toEqual(first?.map(({ edit }) => edit?.seed))
  const compared = await ddaHere(dir, 'compare', `${runs[0]}/trained`, `${runs[1]}/trained`)
  expect(of(editors, 'trained', 'swapped')).toMatchObject({ solved: compared.data.comparison.solved })

  // So do the commands that run stored plans again, by the Editor's name.
  const replanned = await ddaHere(dir, 'reedit', `${runs[0]}/trained`, '--editor', 'swapped')
  expect(replanned.data.comparisons.trained).toEqual(compared.data.comparison)
  const swappedIn = await ddaHere(dir, 'compare', `${runs[0]}/trained`, '--editor', 'swapped')
  expect(swappedIn.data.comparison).toEqual(compared.data.comparison)

  // The same command again makes nothing and says the same.
  const bought = purchases(dir)
  expect((await ddaHere(dir, 'eval')).data).toEqual(data)
  expect(purchases(dir)).toEqual(bought)
  expect(bought.boughtTwice).toEqual([])
})

test('Editors are chosen by name or as plugins; one alone gives the output of a single evaluation', async () => {
  const one = await ddaHere(dir, 'eval', '--editor', 'swapped', '--thinker', 'trained', '--name', 'alone')
  expect(one.data).toMatchObject({ run: 'alone', thinkers: { trained: { scored: 9, failures: { imageWrong: 3 } } } })
  expect(one.data).not.toHaveProperty('matrix')
  const two = await ddaHere(
    dir,
    'eval',
    '--editor',
    './tiny.mjs',
    '--editor',
    'swapped',
    '--thinker',
    'trained',
    '--name',
    'pair',
  )
  expect(two.data.editors.map(({ run }: { run: string }) => run)).toEqual(['pair-tiny.mjs', 'pair-swapped'])
  expect(await ddaHere(dir, 'eval', '--editor', 'swapped', '--editor', 'sketchy')).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_CONFIG_INVALID' },
  })
})

test('thresholds hold under every Editor', async () => {
  const args = ['eval', '--editor', './tiny.mjs', '--thinker', 'trained'] as const
  expect((await ddaHere(dir, ...args, '--editor', 'swapped', '--min-solved', '0.9')).exitCode).toBe(1)
  expect((await ddaHere(dir, ...args, '--editor', 'failing', '--max-masked', '0.1')).exitCode).toBe(5)
})

test('a named Editor is checked like any other block, with its place', async () => {
  writeFileSync(config, `${original}eval:\n  editors:\n    bad: { use: ./tiny.mjs, swop: true }\n`)
  const refused = await ddaHere(dir, 'config', 'check')
  expect(refused).toMatchObject({ exitCode: 2, error: { code: 'DDA_CONFIG_INVALID' } })
  expect(refused.error?.problems).toMatchObject([{ path: 'eval.editors.bad.swop', suggestion: 'swap' }])
})
