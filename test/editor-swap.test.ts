import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dda, ensureBuilt, installPluginApi, root, temporaryFolder } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'
import { readJournalFile } from './support/records.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const dir = temporaryFolder()
const swap = ['compare', 'first/thinker', '--set', 'editor.use=sketch'] as const

beforeAll(async () => {
  ensureBuilt('world')
  cpSync(join(root, 'test/fixtures/editor-swap'), dir, { recursive: true })
  installPluginApi(dir)
  await ddaHere(dir, 'synthesize')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('the same plans are run again by another Editor, chosen by its block alone', async () => {
  const first = await ddaHere(dir, 'eval', '--thinker', 'thinker', '--name', 'first')
  expect(first.data.thinkers.thinker).toMatchObject({ samples: 24, scored: 24, masked: 0 })
  expect(first.data.thinkers.thinker.solved).toBeGreaterThanOrEqual(0.9)

  const { ok, data } = await ddaHere(dir, ...swap)
  expect(ok).toBe(true)
  expect(data.a).toMatchObject({ run: 'first', thinker: 'thinker', solved: { count: 24 } })
  expect(data.b).toMatchObject({ thinker: 'thinker', solved: { count: 24 } })
  expect(data.b.run).not.toBe('first')

  // The paired difference: the clumsy Editor solves less, sample by sample, and the interval says so.
  const { solved, reward, byCategory, flips, unpaired } = data.comparison
  const interval = { count: 24, value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) }
  expect(solved).toMatchObject({ ...interval, better: expect.any(Number), worse: expect.any(Number) })
  expect(reward).toMatchObject(interval)
  expect(byCategory.literal).toMatchObject({ count: 24, value: solved.value })
  expect(unpaired).toBe(0)
  expect(solved.value).toBeCloseTo(data.b.solved.value - data.a.solved.value, 9)
  expect(solved.value).toBeLessThan(0)
  expect(solved.low).toBeLessThanOrEqual(solved.value)
  expect(solved.high).toBeGreaterThanOrEqual(solved.value)
  expect(solved.value).toBeCloseTo((solved.better - solved.worse) / 24, 9)
  expect(flips).toHaveLength(solved.better + solved.worse)
  expect(flips[0]).toMatchObject({ sampleId: expect.any(String), category: 'literal' })
  expect(flips[0].items.length).toBeGreaterThan(0)

  // Nothing but the Editor differs.
  const [before, after] = [readJournalFile(dir, 'first').rollouts, readJournalFile(dir, data.b.run).rollouts]
  expect(after.map(({ sampleId }) => sampleId)).toEqual(before.map(({ sampleId }) => sampleId))
  expect(after.map(({ plan }) => plan?.text)).toEqual(before.map(({ plan }) => plan?.text))
  expect(after.map(({ plan }) => plan?.executable)).toEqual(before.map(({ plan }) => plan?.executable))
  const editors = (rollouts: typeof before) => new Set(rollouts.map(({ edit }) => edit?.editor))
  expect(editors(before).size).toBe(1)
  expect(editors(after).size).toBe(1)
  expect(editors(after)).not.toEqual(editors(before))
  const manifest = (run: string) => JSON.parse(readFileSync(join(dir, 'runs', run, 'run.json'), 'utf8'))
  const { editor: _first, ...same } = manifest('first').config
  const { editor, ...others } = manifest(data.b.run).config
  expect(editor.use).toBe('sketch')
  expect(others).toEqual(same)
})

test('the comparison again buys nothing and says the same', async () => {
  const [once, twice] = [await ddaHere(dir, ...swap), await ddaHere(dir, ...swap)]
  expect(twice.data).toEqual(once.data)
  const text = await dda(dir, ['compare', 'first/thinker', '--editor', 'sketch'])
  expect(text.stdout).toMatch(/b: Editor editor-sketch/)
  expect(text.stdout).toMatch(/solved, all +24 +-?[−\d]/)
})

test('so is it with the block of the file changed, by a stored record, and in a matrix', async () => {
  const file = join(dir, 'dda.config.yaml')
  const original = readFileSync(file, 'utf8')
  const bySet = await ddaHere(dir, ...swap)
  const changed = original.replace('editor: { use: tabletop }', 'editor: { use: sketch }')
  expect(changed).not.toBe(original)
  writeFileSync(file, changed)
  try {
    const again = await ddaHere(dir, 'reedit', 'first/thinker', '--name', 'again')
    expect(again.exitCode).toBe(0)
    expect(again.data.comparisons.thinker).toEqual(bySet.data.comparison)
    const compared = await ddaHere(dir, 'compare', 'first/thinker', 'again/thinker')
    expect(compared.data.comparison).toEqual(bySet.data.comparison)
    // The project as a whole runs too, and plans as before.
    const whole = await ddaHere(dir, 'eval', '--thinker', 'thinker', '--name', 'whole')
    expect(whole.data.thinkers.thinker).toEqual(again.data.thinkers.thinker)
  } finally {
    writeFileSync(file, original)
  }
  const matrix = await ddaHere(dir, 'eval', '--thinker', 'thinker', '--editor', 'tabletop', '--editor', 'sketch')
  expect(matrix.exitCode).toBe(0)
  const [difference] = matrix.data.differences.editors
  expect(difference).toMatchObject({ under: 'thinker', a: 'tabletop', b: 'sketch', pairs: 24 })
  expect(difference.solved).toEqual(bySet.data.comparison.solved)
  // What the plans demonstrate is right, so whatever fails is the picture's fault.
  expect(matrix.data.matrix.sketch.thinker.failures).toMatchObject({
    planWrong: 0,
    imageWrong: difference.solved.worse,
  })
})
