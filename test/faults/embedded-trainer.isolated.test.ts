import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type * as FileSystem from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ddaHere } from '../support/in-process.ts'
import { readJournalFile, runRecord } from '../support/records.ts'
import { copyOf, type Folder, ownTinyTabletop, TRAIN } from '../support/tiny-tabletop.ts'

// The real trainer: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

/** Bytes that trainers may still write into checkpoints that are being made. */
let room = Number.POSITIVE_INFINITY
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>()
  const writeFile: typeof real.writeFile = async (path, data, ...rest) => {
    const isOfTrainer = typeof path === 'string' && /\.tmp-step-\d+-\d+[\\/]trainer/.test(path)
    if (!isOfTrainer || room === Number.POSITIVE_INFINITY) return real.writeFile(path, data, ...rest)
    const bytes = Buffer.from(data as Uint8Array)
    const fits = Math.min(bytes.length, room)
    room -= fits
    await real.writeFile(path, bytes.subarray(0, fits))
    if (fits < bytes.length) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
  return { ...real, writeFile, default: { ...real, writeFile } }
})

let prepared: Folder
let project: Folder

beforeAll(async () => {
  prepared = await ownTinyTabletop()
  const config = join(prepared.dir, 'dda.config.yaml')
  const curator = 'curator: [{ use: difficulty, rollouts: 2, minStd: 0 }]\n'
  // Small calls of the trainer, so that there is something between them.
  writeFileSync(config, readFileSync(config, 'utf8').replace('microBatch: 8', 'microBatch: 2') + curator)
})
afterAll(() => prepared.remove())
beforeEach(() => {
  project = copyOf(prepared)
})
afterEach(() => {
  vi.restoreAllMocks()
  room = Number.POSITIVE_INFINITY
  project.remove()
})

/** Ends the trainer's thread in place of a call, when it has answered those before: inside one it would take the process along. */
function endThreadAt(call: number): () => boolean {
  const open = new Map<Worker, number>()
  let [calls, ended] = [0, false]
  // oxlint-disable-next-line typescript/unbound-method -- it is called with `apply`
  const post = Worker.prototype.postMessage
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function postMessage(this: Worker, ...args) {
    const { method } = args[0] as { readonly method?: string }
    if (method === undefined || ended) return post.apply(this, args)
    if (!open.has(this)) {
      open.set(this, 0)
      this.on('message', () => void open.set(this, (open.get(this) ?? 0) - 1))
    }
    calls += method === 'sample' ? 1 : 0
    if (calls === call) {
      ended = true
      const end = (): void => {
        if ((open.get(this) ?? 0) > 0) setImmediate(end)
        else void this.terminate()
      }
      end()
      return
    }
    open.set(this, (open.get(this) ?? 0) + 1)
    post.apply(this, args)
  })
  return () => ended
}

const STOPPED = {
  ok: false,
  exitCode: 3,
  error: { code: 'DDA_TRAINER_WORKER', next: expect.stringMatching(/same command/) },
}
const EVAL = ['eval', '--thinker', 'run:warm', '--name', 'evaluated'] as const

test.each([1, 3])(
  'a trainer thread that ends at plan call %d of an evaluation stops it, and masks nothing',
  async (call) => {
    const wasEnded = endThreadAt(call)
    const stopped = await ddaHere(project.dir, ...EVAL)
    expect(wasEnded()).toBe(true)
    expect(stopped, stopped.stderr).toMatchObject(STOPPED)
    vi.restoreAllMocks()
    const done = await ddaHere(project.dir, ...EVAL)
    expect(done, done.stderr).toMatchObject({ ok: true, data: { state: 'finished' } })
    const { rollouts } = readJournalFile(project.dir, 'evaluated')
    expect(rollouts).toHaveLength(8)
    expect(rollouts.filter(({ outcome }) => outcome.kind === 'masked')).toEqual([])
  },
)

test.each([1, 5])(
  'a trainer thread that ends at plan call %d of a curation stops it, and no sample is lost',
  async (call) => {
    const wasEnded = endThreadAt(call)
    const stopped = await ddaHere(project.dir, 'curate')
    expect(wasEnded()).toBe(true)
    expect(stopped, stopped.stderr).toMatchObject(STOPPED)
    vi.restoreAllMocks()
    const again = await ddaHere(project.dir, 'curate')
    expect(again, again.stderr).toMatchObject({ ok: true, exitCode: 0 })
    const unbroken = copyOf(prepared)
    expect(await ddaHere(unbroken.dir, 'curate')).toMatchObject({ ok: true })
    const curated = (dir: string) => readFileSync(join(dir, 'data/curated.jsonl'), 'utf8')
    expect(curated(project.dir)).toBe(curated(unbroken.dir))
    unbroken.remove()
  },
)

test.each([0, 50_000])(
  'a disk that is full after %d bytes of a checkpoint stops the run, and nothing is lost',
  async (bytes) => {
    room = bytes
    const stopped = await ddaHere(project.dir, ...TRAIN)
    expect(stopped, stopped.stderr).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_DISK_FULL' } })
    const run = join(project.dir, 'runs/run')
    expect(JSON.parse(readFileSync(join(run, 'status.json'), 'utf8'))).toMatchObject({ state: 'stopped' })
    const checkpoints = join(run, 'checkpoints')
    expect(existsSync(checkpoints) ? readdirSync(checkpoints) : []).toEqual([])
    room = Number.POSITIVE_INFINITY
    const done = await ddaHere(project.dir, ...TRAIN)
    expect(done, done.stderr).toMatchObject({ ok: true, data: { state: 'finished' } })
    const unbroken = copyOf(prepared)
    expect(await ddaHere(unbroken.dir, ...TRAIN)).toMatchObject({ ok: true })
    expect(runRecord(project.dir).files).toEqual(runRecord(unbroken.dir).files)
    unbroken.remove()
  },
)
