import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeContext, makePng, makeRollout, MemoryImages, planAll, requestsFor } from '@dda-thinker/testkit'
import type { Logger, Plan, ThinkerInput, TrainingBatch } from '@dda-thinker/plugin-api'
import { PythonWorker } from '@dda-thinker/python-worker'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTorchThinker, createTorchTrainer, type GivenTrainerOptions, type TorchTrainer } from './index.ts'
import { buildModel, python, TINY } from './worker.fixture.ts'

// Every test starts processes of its own, because it harms them.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

const signal = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'dda-torch-failures-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const closing: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closing.splice(0)) await close()
})

interface Running {
  readonly trainer: TorchTrainer
  readonly inputs: readonly ThinkerInput[]
  readonly lines: string[]
  /** Ends the process as the system would. */
  readonly kill: () => void
  /** Called with each line of the log. */
  onLine: (line: string) => void
}

async function running(more: Partial<GivenTrainerOptions> = {}, script?: string): Promise<Running> {
  const images = new MemoryImages()
  const picture = await images.put(makePng({ width: 56, height: 56, pixel: () => [200, 30, 30] }))
  const inputs = ['a', 'b'].map((id) => ({ id, images: [picture], instruction: `paint ${id}` }))
  let worker: PythonWorker | undefined
  const trainer = createTorchTrainer(
    { ...TINY, miniBatch: 2, ...more },
    {
      connect: (options) => {
        worker = new PythonWorker(script === undefined ? options : { ...options, args: [script] })
        return worker
      },
    },
  )
  const tell = (level: string) => (line: string) => {
    made.lines.push(`${level}: ${line}`)
    made.onLine(line)
  }
  const log: Logger = { debug: tell('debug'), info: tell('info'), warn: tell('warn') }
  const made: Running = {
    trainer,
    inputs,
    lines: [],
    kill: () => process.kill(pidOf(worker), 'SIGKILL'),
    onLine: () => undefined,
  }
  closing.push(() => trainer.close())
  await trainer.open(makeContext({ images, log }))
  return made
}

/** The process of another rank, as torchrun started it: the mark is in its environment. */
function otherRank(mark: string): number {
  const [options, command] = process.platform === 'linux' ? ['axeww', 'args='] : ['-axEww', 'command=']
  const table = execFileSync('ps', [options, '-o', `pid=,${command}`], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  const line = table.split('\n').find((each) => each.includes(mark) && / RANK=1( |$)/.test(each))
  if (line === undefined) throw new Error('There is no other rank')
  return Number.parseInt(line, 10)
}

function pidOf(worker: PythonWorker | undefined): number {
  if (worker?.hello === undefined) throw new Error('The worker does not run')
  return worker.hello.pid
}

async function plansOf({ trainer, inputs }: Running, step: number): Promise<readonly Plan[]> {
  return [...(await planAll(trainer.thinker, requestsFor(inputs, 3, step * 100))).values()]
}

async function batchOf(run: Running, step: number): Promise<TrainingBatch> {
  const plans = await plansOf(run, step)
  const rollouts = plans.map((plan, i) => makeRollout(plan, (plan.text.length % 5) / 5, { member: i }))
  return { step, rollouts, inputs: run.inputs }
}

const words = (plans: readonly Plan[]): unknown => plans.map(({ text, tokens }) => [text, tokens?.logProbs])

/** Long enough that a busy machine cannot kill too late. */
const LONG = { epochs: 25 }

/** Kills the process at the first mini-batch that it reports. */
function killMidUpdate(run: Running): void {
  run.onLine = (line) => {
    if (!/^update: [1-9]/.test(line)) return
    run.onLine = () => undefined
    run.kill()
  }
}

describe.skipIf(python === undefined)(`failures${python === undefined ? ' (no Python environment)' : ''}`, () => {
  beforeAll(async () => {
    buildModel()
  })

  test('a model that is not there is DDA_MODEL_NOT_FOUND, and close still works', async () => {
    const trainer = createTorchTrainer({ ...TINY, model: join(folder, 'nowhere') })
    await expect(trainer.open(makeContext())).rejects.toMatchObject({
      code: 'DDA_MODEL_NOT_FOUND',
      next: expect.stringContaining('Check the name') as string,
    })
    await trainer.close()
  })

  test('an interpreter that is not there is DDA_WORKER_START', async () => {
    const trainer = createTorchTrainer({ ...TINY, python: join(folder, 'python') })
    await expect(trainer.open(makeContext())).rejects.toMatchObject({ code: 'DDA_WORKER_START' })
  })

  test('pictures for a text-only model end the run with DDA_MODEL_TEXT_ONLY; without pictures it plans', async () => {
    const { gradientCheckpointing, freezeVision, learningRate, ...policy } = TINY
    void [gradientCheckpointing, freezeVision, learningRate]
    const thinker = createTorchThinker({ ...policy, model: buildModel('qwen2') })
    closing.push(() => thinker.close())
    const context = makeContext()
    const picture = await context.images.put(makePng({ width: 32, height: 32 }))
    await thinker.open(context)
    const input = { id: 'a', images: [picture], instruction: 'paint it' }
    for await (const result of thinker.plan([{ id: 'p', input, seed: 1 }], { signal })) {
      expect(result).toMatchObject({ error: { code: 'DDA_MODEL_TEXT_ONLY', stopsRun: true, sampleId: 'a' } })
    }
    const plans = await planAll(thinker, [{ id: 'q', input: { ...input, images: [] }, seed: 1 }])
    expect(plans.get('q')?.tokens?.ids.length).toBeGreaterThan(0)
  })

  test('a picture that is none fails its own request alone, as bad-input', async () => {
    const run = await running()
    const [first] = run.inputs as [ThinkerInput]
    const missing = {
      ...first,
      id: 'c',
      images: [{ ...(first.images[0] as ThinkerInput['images'][0]), hash: '0'.repeat(64) }],
    }
    const requests = [first, missing].map((input) => ({ id: input.id, input, seed: 1 }))
    const results = new Map<string, unknown>()
    for await (const result of run.trainer.thinker.plan(requests, { signal })) results.set(result.id, result)
    expect(results.get('a')).toHaveProperty('plan')
    expect(results.get('c')).toMatchObject({ error: { code: 'DDA_STORE_MISSING' } })
  })

  test('a worker killed in an update: the step is made again from the state before it, to the same bits', async () => {
    const [disturbed, calm] = [await running(LONG), await running(LONG)]
    const results: unknown[] = []
    for (const run of [disturbed, calm]) {
      const first = await run.trainer.update(await batchOf(run, 1), { signal })
      expect(first.policyVersion).toBe(1)
      const saved = mkdtempSync(join(folder, 'saved-'))
      await run.trainer.save(saved)
      const batch = await batchOf(run, 2)
      if (run === disturbed) killMidUpdate(run)
      const { metrics } = await run.trainer.update(batch, { signal })
      results.push([metrics, words(await plansOf(run, 3)), run.trainer.thinker.fingerprint])
    }
    expect(disturbed.lines.join('\n')).toContain('The step is made again')
    expect(results[0]).toEqual(results[1])
  })

  test('a worker killed in an update whose state no file holds: the run ends resumably, with its last words', async () => {
    const run = await running(LONG)
    await run.trainer.update(await batchOf(run, 1), { signal })
    const saved = mkdtempSync(join(folder, 'saved-'))
    await run.trainer.save(saved)
    await run.trainer.update(await batchOf(run, 2), { signal })
    const batch = await batchOf(run, 3)
    killMidUpdate(run)
    await expect(run.trainer.update(batch, { signal })).rejects.toMatchObject({
      code: 'DDA_WORKER_DIED',
      stopsRun: true,
      next: expect.stringContaining('same command again') as string,
    })
    expect(run.trainer.policyVersion).toBe(2)
    for await (const result of run.trainer.thinker.plan(requestsFor(run.inputs, 1), { signal })) {
      expect(result).toMatchObject({ error: { code: 'DDA_TRAINER_LOST', stopsRun: true } })
    }
    // The last checkpoint is what it was.
    const next = await running(LONG)
    await next.trainer.load(saved)
    expect(next.trainer.policyVersion).toBe(1)
    await next.trainer.update(await batchOf(next, 2), { signal })
  })

  test.skipIf(process.platform === 'win32')(
    'one of two processes killed in an update: both are replaced, and the step is made again',
    async () => {
      const mark = `DDA_TEST_RUN=${randomUUID()}`
      vi.stubEnv(...(mark.split('=') as [string, string]))
      const run = await running({ ...LONG, processes: 2 })
      const batch = await batchOf(run, 1)
      run.onLine = (line) => {
        if (!/^update: [1-9]/.test(line)) return
        run.onLine = () => undefined
        process.kill(otherRank(mark), 'SIGKILL')
      }
      expect((await run.trainer.update(batch, { signal })).policyVersion).toBe(1)
      expect(run.lines.join('\n')).toContain('The step is made again')
      expect((await plansOf(run, 2)).length).toBeGreaterThan(0)
    },
  )

  test('a worker killed while it plans: another writes what is missing', async () => {
    const [run, calm] = [
      await running({ maxPlan: 60, rollout: { concurrency: 1 } }),
      await running({ maxPlan: 60, rollout: { concurrency: 1 } }),
    ]
    const requests = requestsFor(run.inputs, 4)
    const plans = new Map<string, Plan>()
    for await (const result of run.trainer.thinker.plan(requests, { signal })) {
      if ('error' in result) throw result.error
      if (plans.size === 0) run.kill()
      plans.set(result.id, result.plan)
    }
    expect(plans.size).toBe(requests.length)
    const expected = await planAll(calm.trainer.thinker, requests)
    for (const [id, plan] of plans)
      expect([plan.text, plan.tokens]).toEqual([expected.get(id)?.text, expected.get(id)?.tokens])
  })

  test.skipIf(process.platform !== 'linux')(
    'a full disk is DDA_DISK_FULL; what was saved before is whole',
    async () => {
      const run = await running()
      const [good, full] = [mkdtempSync(join(folder, 'good-')), mkdtempSync(join(folder, 'full-'))]
      await run.trainer.save(good)
      await run.trainer.update(await batchOf(run, 1), { signal })
      const before = words(await plansOf(run, 2))
      // A device that has no room for a single byte.
      for (const name of ['weights.safetensors', 'optimiser.safetensors', 'trainer.json'])
        symlinkSync('/dev/full', join(full, name))
      await expect(run.trainer.save(full)).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
      expect(words(await plansOf(run, 2))).toEqual(before)
      await run.trainer.load(good)
      expect(run.trainer.policyVersion).toBe(0)
    },
  )

  test('a device error spoils the process: it is replaced, and updates that no file holds are not invented', async () => {
    const script = fileURLToPath(new URL('spoilt-device.fixture.py', import.meta.url))
    const run = await running({}, script)
    const plan = (await plansOf(run, 1))[0] as Plan
    const batch = { step: 1, rollouts: [makeRollout(plan, 1)], inputs: run.inputs }
    await expect(run.trainer.update(batch, { signal })).rejects.toMatchObject({
      code: 'DDA_CUDA_ERROR',
      stopsRun: true,
    })
    // Version 0 can be had again: a new process plans the same.
    expect(words(await plansOf(run, 1))).toEqual(words([plan, ...(await plansOf(run, 1)).slice(1)]))
    const pids = run.lines.flatMap((line) => /serving as (\d+)/.exec(line)?.[1] ?? [])
    expect(new Set(pids).size).toBe(2)
  })

  test('another protocol is refused', async () => {
    const script = join(folder, 'old.py')
    writeFileSync(script, 'from dda_worker import Worker\nWorker("dda_torch", "0", {"protocol": 0}).serve()\n')
    await expect(running({}, script)).rejects.toMatchObject({ code: 'DDA_WORKER_PROTOCOL' })
  })
})
