import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { begunBefore, claimManifest, listRuns, type RunManifest } from './run-dir.ts'

const config = {
  name: 'x',
  data: { dir: 'data' },
  eval: { split: 'held-out', confidence: 0.95 },
  train: { maxStaleness: 0 },
}

function manifest(created: string): RunManifest {
  return {
    format: 1,
    task: 'train',
    created,
    seed: 1,
    config: config as unknown as RunManifest['config'],
    options: {},
    plugins: [],
    fingerprints: {},
    data: { file: 'a', sha256: 'b', samples: 1 },
    node: 'v20',
  }
}

test('runs are in the order in which they were begun, whatever the clock said', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dda-runs-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const claim = (name: string, created: string) =>
    claimManifest(join(dir, name), manifest(created), false, () => undefined)
  expect(await claim('first', '2026-05-01T00:00:00.000Z')).toBe(false)
  // Since then the clock has been put back.
  await claim('second', '2024-05-01T00:00:00.000Z')
  await claim('third', '2025-05-01T00:00:00.000Z')
  expect(await claim('first', '2027-05-01T00:00:00.000Z')).toBe(true)
  const runs = await listRuns(dir)
  expect(runs.map(({ name }) => name)).toEqual(['third', 'second', 'first'])
  const [third, second] = runs as [(typeof runs)[0], (typeof runs)[0]]
  expect(begunBefore(second.manifest, third.manifest)).toBe(true)
  // Records of versions without an ordinal are older.
  expect(begunBefore(manifest('2030-01-01T00:00:00.000Z'), second.manifest)).toBe(true)
})
