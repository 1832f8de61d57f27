import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ended, ensureBuilt, envelope, startDda, temporaryFolder } from './dda.ts'
import { ddaHere } from './in-process.ts'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { purchases } from './records.ts'
import { wireFiles } from './wire-files.ts'
import { startServers, type Servers } from './wire-project.ts'

/**
 * Milliseconds for the real thing, process by process, on a busy machine. Given with the test: this module is loaded once for
 * all files of a process, and a file's configuration ends with it.
 */
const TIMEOUT = 900_000

/** Kills of one run before it may finish, each within this share of the time that one left alone takes: few come too late. */
const KILLS_A_RUN = 10
const SHARE = 0.35
const SAMPLES = 48
const EVAL = ['eval', '--thinker', 'thinker', '--name', 'run'] as const
/** Edits at once: what a kill may interrupt. */
const AT_ONCE = 4

/** A project with its samples. */
async function newProject(servers: Servers): Promise<string> {
  const dir = wireFiles(servers, { samples: SAMPLES, atOnce: AT_ONCE })
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  await ddaHere(dir, 'synthesize')
  return dir
}

/** A copy to kill a run in. */
function copyOf(project: string): string {
  const dir = temporaryFolder()
  cpSync(project, dir, { recursive: true, verbatimSymlinks: true })
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** What must not depend on how often a run was killed. */
function recordOf(dir: string): unknown {
  const journal = readFileSync(join(dir, 'runs/run/journal.jsonl'), 'utf8')
  const summary: unknown = JSON.parse(readFileSync(join(dir, 'runs/run/scores.json'), 'utf8'))
  return { journal, summary, ...purchases(dir) }
}

/** The process that has the run; the lock of a killed one stays behind. */
function lockHolder(dir: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(dir, 'runs/run/lock'), 'utf8')) as { pid: number }).pid
  } catch {
    return undefined
  }
}

/** Begins or continues the evaluation; killed without warning so many milliseconds after it took hold of the run. */
async function attempt(dir: string, killAfter?: number) {
  const child = startDda(dir, [...EVAL, '--json'])
  const life = { over: false, held: performance.now() }
  const holding = (async () => {
    while (!life.over && lockHolder(dir) !== child.pid) await sleep(2)
    life.held = performance.now()
    if (killAfter === undefined) return
    await sleep(killAfter)
    child.kill('SIGKILL')
  })()
  const ran = await ended(child)
  const working = performance.now() - life.held
  life.over = true
  await holding
  const killed = child.signalCode === 'SIGKILL'
  if (!killed) expect(ran.code, ran.stderr).toBe(0)
  return { killed, working, ...(killed ? {} : { result: envelope(ran) }) }
}

/**
 * The test of kills over the wire, for one of the files that share them: a file is what goes to another processor.
 *
 * @param kills of this file
 * @param seed of its instants
 */
export function testKillsOverTheWire(kills: number, seed: number): void {
  const name = `a run over the wire that is killed at ${kills} random instants (seed ${seed}) ends as one left alone, and edits again only what was under way`
  test(name, () => runKilled(kills, seed), TIMEOUT)
}

async function runKilled(wanted: number, seed: number): Promise<void> {
  ensureBuilt()
  const servers = await startServers()
  onTestFinished(() => servers.close())
  const random = mulberry32(seed)
  const prepared = await newProject(servers)
  const whole = copyOf(prepared)
  const unbroken = await attempt(whole)
  const expected = recordOf(whole)
  expect(expected).toMatchObject({ boughtTwice: [], summary: { thinker: { scored: SAMPLES } } })
  expect(servers.editor.count).toBe(SAMPLES)

  let kills = 0
  while (kills < wanted) {
    const dir = copyOf(prepared)
    const before = servers.editor.count
    let here = 0
    let last: Awaited<ReturnType<typeof attempt>> = { killed: true, working: 0 }
    while (last.killed && here < KILLS_A_RUN && kills < wanted) {
      last = await attempt(dir, random() * SHARE * unbroken.working)
      if (!last.killed) break
      here += 1
      kills += 1
    }
    // What a process left is continued here: how it was left is what counts.
    const result = last.killed ? await ddaHere(dir, ...EVAL) : last.result
    expect(result).toMatchObject({ exitCode: 0, data: { state: 'finished' } })
    expect(recordOf(dir)).toEqual(expected)
    // An edit that was under way at a kill, or came in the instant before it, cannot be had back; all others were bought once.
    const bought = servers.editor.count - before
    expect(bought).toBeLessThanOrEqual(SAMPLES + here * 2 * AT_ONCE)
    const { data } = await ddaHere(dir, 'runs', 'show', 'run')
    const paid = data.spending.rows.reduce((sum: number, { money = 0 }: { money?: number }) => sum + money, 0)
    expect(paid).toBeGreaterThanOrEqual(0.25 * SAMPLES)
    expect(paid).toBeLessThanOrEqual(0.25 * bought)
  }
}
