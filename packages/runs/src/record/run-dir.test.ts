import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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

/** A run that was begun with a judge that did not tell its identity, and is gone on with by one that does. */
async function begun(prepare: (runDir: string) => Promise<unknown>) {
  const dir = await mkdtemp(join(tmpdir(), 'dda-runs-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const runDir = join(dir, 'run')
  const first = manifest('2026-05-01T00:00:00.000Z')
  await claimManifest(runDir, { ...first, fingerprints: { judge: ['silent'] } }, false, () => undefined)
  await prepare(runDir)
  const warnings: string[] = []
  const now = { ...first, fingerprints: { judge: ['named'] }, created: '2026-06-01T00:00:00.000Z' }
  const claim = (changes: Partial<RunManifest> = {}) =>
    claimManifest(runDir, { ...now, ...changes }, false, (message) => warnings.push(message))
  const stored = async () => JSON.parse(await readFile(join(runDir, 'run.json'), 'utf8')) as RunManifest
  return { runDir, claim, stored, warnings }
}

const HEAD = '{"type":"thinker","thinker":"base","fingerprint":"silent"}\n'
const STEP = '{"type":"step","step":1,"policyVersion":1,"scored":0,"gated":0,"masked":0,"reward":null}\n'

test.each([
  ['no journal', undefined],
  ['an empty journal', ''],
  ['a journal that names a Thinker', HEAD],
])('a run that stopped before its first result takes the settings of now: %s', async (_what, journal) => {
  const { runDir, claim, stored, warnings } = await begun(async (dir) => {
    if (journal !== undefined) await writeFile(join(dir, 'journal.jsonl'), journal)
  })
  expect(await claim()).toBe(true)
  expect(await stored()).toMatchObject({ fingerprints: { judge: ['named'] }, created: '2026-05-01T00:00:00.000Z' })
  expect(warnings).toEqual([expect.stringContaining('holds nothing yet') as string])
  await expect(readFile(join(runDir, 'journal.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each<[string, (dir: string) => Promise<unknown>]>([
  ['a step', (dir) => writeFile(join(dir, 'journal.jsonl'), `${HEAD}${STEP}`)],
  ['a checkpoint', (dir) => mkdir(join(dir, 'checkpoints', 'step-000001'), { recursive: true })],
  ['work of an external trainer', (dir) => mkdir(join(dir, 'engine', 'data'), { recursive: true })],
  ['a journal that cannot be read', (dir) => writeFile(join(dir, 'journal.jsonl'), 'no JSON\n{}\n')],
])('a run that holds something keeps its settings: %s', async (_what, prepare) => {
  const { claim, stored } = await begun(prepare)
  await expect(claim()).rejects.toMatchObject({ code: 'DDA_RUN_CONFIG_CHANGED' })
  expect(await stored()).toMatchObject({ fingerprints: { judge: ['silent'] } })
})

test('a run without a result does not become another task', async () => {
  const { claim } = await begun(async () => undefined)
  await expect(claim({ task: 'evaluate' })).rejects.toMatchObject({ code: 'DDA_RUN_CONFIG_CHANGED' })
})
