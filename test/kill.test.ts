import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ended, ensureBuilt, envelope, type Parsed, startDda } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { readJournalFile, runRecord } from './support/records.ts'
import { copyOf, type Folder, ownTinyTabletop, TRAIN } from './support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const KILLS = 20
/** Kills of one run before it may finish. */
const KILLS_A_RUN = 10

let prepared: Folder

beforeAll(async () => {
  ensureBuilt('world')
  prepared = await ownTinyTabletop()
})
afterAll(() => prepared.remove())

/** Of a process. */
interface Life {
  over: boolean
}

interface Attempt {
  readonly killed: boolean
  /** Milliseconds until the process held the run, and from then to its end. */
  readonly startup: number
  readonly working: number
  readonly result?: Parsed
}

/** Runs the training command; after `wait` resolves, where there is one, the process is killed without warning. */
async function attempt(dir: string, wait?: (holding: Promise<void>, life: Life) => Promise<void>): Promise<Attempt> {
  const begun = performance.now()
  const child = startDda(dir, [...TRAIN, '--json'])
  const life: Life = { over: false }
  let held = begun
  const holding = (async () => {
    while (!life.over && lockHolder(dir) !== child.pid) await sleep(4)
    held = performance.now()
  })()
  void wait?.(holding, life).then(() => child.kill('SIGKILL'))
  const ran = await ended(child)
  const working = performance.now() - held
  life.over = true
  await holding
  const killed = child.signalCode === 'SIGKILL'
  if (!killed) expect(ran.code, ran.stderr).toBe(0)
  return { killed, startup: held - begun, working, ...(killed ? {} : { result: envelope(ran) }) }
}

/** The process that has the run; the lock of a killed one stays behind. */
function lockHolder(dir: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(dir, 'runs/run/lock'), 'utf8')) as { pid: number }).pid
  } catch {
    return undefined
  }
}

/** Waits until the journal has grown by so many bytes: on a busy machine work is later than any time that was measured. */
async function grown(dir: string, bytes: number, life: Life): Promise<void> {
  const size = () => statSync(join(dir, 'runs/run/journal.jsonl'), { throwIfNoEntry: false })?.size ?? 0
  for (const begun = size(); !life.over && size() < begun + bytes;) await sleep(2)
}

test('a run that is killed at 20 random instants ends as one that was left alone', async () => {
  const random = mulberry32(20)
  const whole = copyOf(prepared)
  const unbroken = await attempt(whole.dir)
  const expected = runRecord(whole.dir)
  expect(expected.boughtTwice).toEqual([])
  expect(Object.keys(expected.files).filter((path) => path.endsWith('.safetensors')).length).toBeGreaterThan(4)
  const { size } = statSync(join(whole.dir, 'runs/run/journal.jsonl'))
  const outcomes = new Set(readJournalFile(whole.dir).rollouts.map(({ outcome }) => outcome.kind))
  expect([...outcomes]).toContain('scored')
  whole.remove()

  let kills = 0
  let continued = 0
  while (kills < KILLS) {
    const project = copyOf(prepared)
    let last: Attempt = { killed: true, startup: 0, working: 0 }
    for (let here = 0; here < KILLS_A_RUN && kills < KILLS && last.killed; here += 1) {
      const share = random()
      const kind = random()
      last = await attempt(project.dir, async (holding, life) => {
        if (kind < 0.15) return sleep(share * unbroken.startup)
        await holding
        if (kind < 0.6) return sleep(share * unbroken.working)
        await grown(project.dir, 0.8 * share * size, life)
        await sleep(20 * random())
      })
      if (last.killed) kills += 1
    }
    // What a process left is continued here: how it was left is what counts.
    const result = last.killed ? await ddaHere(project.dir, ...TRAIN) : last.result
    expect(result).toMatchObject({ ok: true, data: { state: 'finished', step: 6, steps: 6 } })
    if (result.data.resumedFrom > 0) continued += 1
    expect(runRecord(project.dir)).toEqual(expected)
    project.remove()
  }
  expect(continued).toBeGreaterThan(0)
})
