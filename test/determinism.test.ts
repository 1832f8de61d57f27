import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ddaJson, ensureBuilt } from './support/dda.ts'
import { type RunRecord, runRecord } from './support/records.ts'
import { type Folder, tinyTabletop, TRAIN } from './support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const projects: Folder[] = []

beforeAll(() => ensureBuilt('world'))
afterAll(() => {
  for (const { remove } of projects) remove()
})

/** Everything from nothing: data, warm start, training; each project in a folder of its own. */
async function wholeRun(seed: number): Promise<{ readonly warm: RunRecord; readonly run: RunRecord }> {
  const project = await tinyTabletop(seed)
  projects.push(project)
  const { data } = await ddaJson(project.dir, ...TRAIN)
  expect(data).toMatchObject({ state: 'finished', step: 6, resumedFrom: 0 })
  return { warm: runRecord(project.dir, 'warm'), run: runRecord(project.dir) }
}

test('the same seed gives the same bytes: journal, metrics, weights, pictures; another seed others', async () => {
  const [first, second, other] = [await wholeRun(11), await wholeRun(11), await wholeRun(12)]
  expect(Object.keys(first.run.files)).toContain('checkpoints/step-000006/trainer/policy.safetensors')
  expect(Object.keys(first.run.files)).toContain('export/policy.safetensors')
  expect(second).toEqual(first)
  for (const file of ['journal.jsonl', 'metrics.jsonl', 'export/policy.safetensors']) {
    expect(other.run.files[file], file).toBeDefined()
    expect(other.run.files[file], file).not.toBe(first.run.files[file])
  }
  expect(other.run.pictures).not.toEqual(first.run.pictures)
})
