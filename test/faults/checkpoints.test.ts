import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { runRecord, type RunRecord } from '../support/records.ts'
import { copyOf, type Folder, ownTinyTabletop, TRAIN } from '../support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const LAST = 'runs/run/checkpoints/step-000006'
let finished: Folder
let expected: RunRecord

beforeAll(async () => {
  ensureBuilt('world')
  finished = await ownTinyTabletop()
  await ddaHere(finished.dir, ...TRAIN)
  expected = runRecord(finished.dir)
})
afterAll(() => finished.remove())

const random = mulberry32(6)

/** Turns one bit over, somewhere in a file. */
function flip(path: string): void {
  const bytes = readFileSync(path)
  const at = Math.floor(random() * bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  writeFileSync(path, bytes)
}

const files = (dir: string) =>
  readdirSync(join(dir, LAST), { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(dir, LAST, path)).isFile())
    .toSorted()

test('one flipped bit in any file of the last checkpoint: the one before it takes over, with a warning', async () => {
  const names = files(finished.dir)
  expect(names).toContain('checkpoint.json')
  expect(names).toContain(join('trainer', 'policy.safetensors'))
  expect(names.length).toBeGreaterThanOrEqual(6)
  for (const name of names) {
    const { dir, remove } = copyOf(finished)
    flip(join(dir, LAST, name))
    const { error, data, warnings } = await ddaHere(dir, ...TRAIN)
    expect({ name, error, ...data }).toMatchObject({
      name,
      error: undefined,
      state: 'finished',
      step: 6,
      resumedFrom: 4,
    })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('step-000006')
    expect(warnings[0]).toContain(name.split(/[/\\]/).at(-1))
    expect(runRecord(dir)).toEqual(expected)
    remove()
  }
})

test('every checkpoint damaged: the run begins again, with a warning for each, and buys nothing anew', async () => {
  const { dir, remove } = copyOf(finished)
  for (const step of ['step-000004', 'step-000006']) {
    flip(join(dir, 'runs/run/checkpoints', step, 'trainer/policy.safetensors'))
  }
  const { error, data, warnings } = await ddaHere(dir, ...TRAIN)
  expect({ error, ...data }).toMatchObject({ error: undefined, state: 'finished', step: 6, resumedFrom: 0 })
  expect(warnings).toHaveLength(2)
  expect(runRecord(dir)).toEqual(expected)
  remove()
})
