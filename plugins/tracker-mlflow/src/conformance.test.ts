import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { HookName, PluginApi } from '@dda-thinker/plugin-api'
import { testPluginOptions } from '@dda-thinker/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import plugin from './index.ts'
import { fakeMlflow } from './server.fixture.ts'

testPluginOptions(test, plugin, {
  valid: [{ options: { url: 'http://localhost:5000' } }, { options: { url: 'https://x/y', tags: { team: 'a' } } }],
  invalid: [
    { options: {}, code: 'DDA_CONFIG_INVALID' },
    { options: { url: 'http://user:secret@host' }, code: 'DDA_ENDPOINT_URL' },
    { options: { url: 'x', path: 'x' }, code: 'DDA_CONFIG_INVALID', at: 'path' },
  ],
})

afterEach(() => vi.unstubAllEnvs())

function setUp(runDir: string | undefined, url: string, given: object = {}) {
  const taps = new Map<HookName, (noun: unknown, info: unknown) => unknown>()
  const ends: (() => unknown)[] = []
  const warnings: string[] = []
  const api: PluginApi = {
    provide: () => expect.unreachable('a tracker fills no slot'),
    contribute: () => expect.unreachable('a tracker is in no list'),
    tap: (hook, fn) => void taps.set(hook, fn as (noun: unknown, info: unknown) => unknown),
    onDispose: (fn) => void ends.push(fn),
    resolvePath: (path) => path,
    runDir,
    log: { debug: () => undefined, info: () => undefined, warn: (line) => void warnings.push(line) },
  }
  const options = { url, experiment: 'edits', timeoutSeconds: 30, flushSeconds: 30, ...given }
  plugin.setup(api, options as Parameters<typeof plugin.setup>[1])
  return {
    taps,
    warnings,
    step: (step: number, metrics: Record<string, number> = { 'reward/mean': step / 2 }) =>
      taps.get('update')?.({ step, policyVersion: step, metrics }, { step }),
    end: async () => {
      for (const end of ends) await end()
    },
  }
}

const status = (runDir: string, state: string) => writeFile(join(runDir, 'status.json'), JSON.stringify({ state }))
const recorded = (runDir: string, steps: readonly number[]) =>
  writeFile(
    join(runDir, 'metrics.jsonl'),
    steps
      .map((step) => `${JSON.stringify({ step, policyVersion: step, metrics: { 'reward/mean': step / 2 } })}\n`)
      .join(''),
  )

async function newRun() {
  const runDir = await mkdtemp(join(tmpdir(), 'mlflow-'))
  const manifest = {
    task: 'train',
    seed: 7,
    config: { name: 'x', train: { steps: 3, long: 'y'.repeat(9000) }, judge: [{ use: 'tabletop' }] },
    options: {},
    fingerprints: { editor: 'tabletop/1' },
    git: { commit: 'abc', dirty: false },
  }
  await writeFile(join(runDir, 'run.json'), JSON.stringify(manifest))
  return runDir
}

const stepsOf = (metrics: readonly { key: string; step: number; value: number }[], key = 'reward/mean') =>
  metrics.filter((metric) => metric.key === key).map(({ step, value }) => [step, value])

test('a run is there with what it was made from, every step, and how it ended', async () => {
  const server = await fakeMlflow()
  const runDir = await newRun()
  const { step, end, warnings } = setUp(runDir, server.url, { tags: { team: 'vision' } })
  // The tap returns at once: nothing of the training waits.
  expect(step(1)).toBeUndefined()
  for (let i = 2; i <= 120; i++) step(i, { 'reward/mean': i / 2, 'solved/因果': 1 })
  await status(runDir, 'finished')
  await end()
  expect([...server.experiments.keys()]).toEqual(['edits'])
  const [[id, run] = expect.unreachable('no run')] = server.runs
  expect(id).toBe('run1')
  expect(run).toMatchObject({
    experiment: '1',
    status: 'FINISHED',
    tags: { 'mlflow.runName': basename(runDir), 'dda.task': 'train', 'dda.seed': '7', team: 'vision' },
    params: { 'train.steps': '3', 'judge.0.use': 'tabletop', 'fingerprints.editor': 'tabletop/1' },
  })
  expect(run.tags['mlflow.source.git.commit']).toBe('abc')
  expect(run.params['train.long']).toHaveLength(500)
  expect(stepsOf(run.metrics)).toEqual(Array.from({ length: 120 }, (_, i) => [i + 1, (i + 1) / 2]))
  expect(stepsOf(run.metrics, 'solved/__')).toHaveLength(119)
  expect(stepsOf(run.metrics, 'policyVersion')).toHaveLength(120)
  expect(server.calls()).toBeLessThan(30)
  expect(warnings).toEqual([])
  await server.close()
})

test('a run that continues goes on in the same run there, with what is missing and nothing twice', async () => {
  const server = await fakeMlflow()
  const runDir = await newRun()
  const first = setUp(runDir, server.url)
  for (const i of [1, 2, 3]) first.step(i)
  await status(runDir, 'interrupted')
  await first.end()
  expect(server.runs.get('run1')?.status).toBe('KILLED')
  // Steps 4 and 5 were recorded while the server was away.
  await recorded(runDir, [1, 2, 3, 4, 5])
  const second = setUp(runDir, server.url)
  second.step(6)
  await end(second, runDir)
  // Step 6 is done again, from the checkpoint of step 5.
  const again = setUp(runDir, server.url)
  again.step(6, { 'reward/mean': 99 })
  await end(again, runDir)
  expect(server.runs.size).toBe(1)
  expect(stepsOf(server.runs.get('run1')?.metrics ?? []).map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6])
  // One that was deleted there begins anew, with all that is recorded.
  server.runs.delete('run1')
  const third = setUp(runDir, server.url)
  await recorded(runDir, [1, 2, 3, 4, 5, 6])
  third.step(7)
  await end(third, runDir)
  expect(stepsOf([...server.runs.values()][0]?.metrics ?? []).map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7])
  await server.close()
})

async function end({ end: close }: ReturnType<typeof setUp>, runDir: string) {
  await status(runDir, 'finished')
  await close()
}

test('a server that is away for a while costs nothing but a warning', async () => {
  const server = await fakeMlflow()
  const runDir = await newRun()
  Object.assign(server.trouble, { status: 503, left: 1 })
  const tracker = setUp(runDir, server.url)
  tracker.step(1)
  tracker.step(2)
  await end(tracker, runDir)
  expect(stepsOf(server.runs.get('run1')?.metrics ?? [])).toEqual([
    [1, 0.5],
    [2, 1],
  ])
  expect(tracker.warnings).toEqual([expect.stringMatching(/training goes on/)])
  await server.close()
})

test('a server that refuses, or is not there, is told at the end, and ends nothing', async () => {
  const server = await fakeMlflow()
  Object.assign(server.trouble, { status: 401, left: 1000 })
  const refused = setUp(await newRun(), server.url)
  for (const i of [1, 2, 3]) refused.step(i)
  await refused.end()
  expect(refused.warnings.at(-1)).toMatch(/^DDA_MLFLOW_UNSENT: 3 steps, from 1 on, .* 401/)
  // Not asked again once it has refused.
  expect(server.calls()).toBeLessThan(4)
  await server.close()
  const nobody = setUp(await newRun(), server.url, { flushSeconds: 0.2 })
  nobody.step(1)
  await nobody.end()
  expect(nobody.warnings.at(-1)).toMatch(/^DDA_MLFLOW_UNSENT: 1 steps, from 1 on, .*within 0.2 s/)
})

test('more steps than memory keeps are read from the record', async () => {
  const server = await fakeMlflow()
  const runDir = await newRun()
  const tracker = setUp(runDir, server.url)
  for (let i = 1; i <= 700; i++) tracker.step(i)
  await recorded(
    runDir,
    Array.from({ length: 700 }, (_, i) => i + 1),
  )
  await end(tracker, runDir)
  expect(stepsOf(server.runs.get('run1')?.metrics ?? []).map(([step]) => step)).toEqual(
    Array.from({ length: 700 }, (_, i) => i + 1),
  )
  await server.close()
})

test.each([
  [{ MLFLOW_TRACKING_TOKEN: 'tok' }, 'Bearer tok'],
  [{ MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'pass word' }, 'Basic bWU6cGFzcyB3b3Jk'],
  [{}, undefined],
])('credentials come from where MLflow has them: %o', async (env, expected) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const server = await fakeMlflow()
  const runDir = await newRun()
  const tracker = setUp(runDir, server.url)
  tracker.step(1)
  await end(tracker, runDir)
  expect(new Set(server.headers)).toEqual(new Set([expected]))
  await server.close()
})

test('without a run directory it taps nothing', () => {
  expect(setUp(undefined, 'http://localhost:5000').taps.size).toBe(0)
})

const python = join(process.env.DDA_VENV ?? '.venv', 'bin', 'python')
const run = promisify(execFile)
const hasMlflow =
  existsSync(python) &&
  (await run(python, ['-c', 'import mlflow']).then(
    () => true,
    () => false,
  ))

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test.skipIf(!hasMlflow)(
  "MLflow's own server and client have the run (needs mlflow in DDA_VENV)",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mlflow-server-'))
    const url = `http://127.0.0.1:${await freePort()}`
    const store = `sqlite:///${folder}/mlflow.db`
    const args = ['-m', 'mlflow', 'server', '--backend-store-uri', store, '--port', new URL(url).port, '--workers', '1']
    const server = spawn(python, args, { cwd: folder, stdio: 'ignore', detached: true })
    try {
      await vi.waitFor(async () => expect((await fetch(`${url}/health`)).ok).toBe(true), {
        timeout: 240_000,
        interval: 500,
      })
      const runDir = await newRun()
      for (const steps of [
        [1, 2, 3],
        [3, 4],
      ]) {
        const tracker = setUp(runDir, url)
        for (const step of steps) tracker.step(step, { 'reward/mean': step / 2, 'solved/因果': 1 })
        await end(tracker, runDir)
        expect(tracker.warnings).toEqual([])
      }
      const script = [
        'import json, sys, mlflow',
        'client = mlflow.MlflowClient(sys.argv[1])',
        'experiment = client.get_experiment_by_name("edits")',
        '[run] = client.search_runs([experiment.experiment_id])',
        'history = client.get_metric_history(run.info.run_id, "reward/mean")',
        'print(json.dumps({"name": run.info.run_name, "status": run.info.status, "seed": run.data.tags["dda.seed"],',
        '  "steps": run.data.params["train.steps"], "keys": sorted(run.data.metrics),',
        '  "history": [[m.step, m.value] for m in history]}))',
      ].join('\n')
      const { stdout } = await run(python, ['-c', script, url])
      expect(JSON.parse(stdout)).toEqual({
        name: basename(runDir),
        status: 'FINISHED',
        seed: '7',
        steps: '3',
        keys: ['policyVersion', 'reward/mean', 'solved/__'],
        history: [
          [1, 0.5],
          [2, 1],
          [3, 1.5],
          [4, 2],
        ],
      })
    } finally {
      if (server.pid !== undefined) process.kill(-server.pid)
    }
  },
  600_000,
)
