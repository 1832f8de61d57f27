import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { errors } from '../errors.ts'
import type { JobKeeper } from './job-file.ts'
import { logTail } from './log-tail.ts'
import { placeHere, processTable } from './process-table.ts'
import type { JobState, VerlJob, VerlLaunch } from './verl-job.ts'

/** How long it has to end by itself. */
const GRACE_SECONDS = 30
const GROUP = process.platform !== 'win32'

/**
 * Runs the job as a process of this machine; what it says goes to a file, and what identifies it to `keeper`.
 *
 * @throws DdaError `DDA_VERL_LAUNCH`
 */
export async function startLocalJob({ command, env }: VerlLaunch, log: string, keeper: JobKeeper): Promise<VerlJob> {
  const [program = '', ...args] = command
  // Its number is known only once it runs, and this process may be killed just then.
  keeper.write({ kind: 'process', ...placeHere() })
  const file = openSync(log, 'w')
  const child = spawn(program, args, {
    stdio: ['ignore', file, file],
    env: { ...process.env, ...env, PYTHONUNBUFFERED: '1' },
    // A group of its own: what it starts, such as Ray, is ended with it.
    detached: GROUP,
  })
  closeSync(file)
  let ended: JobState | undefined
  let stopping = false
  const end = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      ended = code === 0 ? 'succeeded' : stopping ? 'stopped' : 'failed'
      resolve()
    })
  })
  const { pid } = child
  if (pid === undefined) {
    const [cause] = (await once(child, 'error')) as [Error]
    keeper.remove()
    throw errors.make('DDA_VERL_LAUNCH', { why: cause.message }, { cause, kind: 'unavailable' })
  }
  keepProcess(keeper, pid)
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(GROUP ? -pid : pid, signal)
    } catch {
      // Nobody is left.
    }
  }
  // Whatever ends this process, the job does not go on for nobody.
  const onExit = (): void => signalGroup('SIGKILL')
  process.once('exit', onExit)
  return {
    name: `process ${pid}, ${log}`,
    async state() {
      return ended ?? 'running'
    },
    log: () => logTail(log),
    async stop() {
      stopping = true
      if (ended === undefined) signalGroup('SIGTERM')
      await Promise.race([end, wait(GRACE_SECONDS * 1000, undefined, { ref: false })])
      signalGroup('SIGKILL')
      await end
      process.removeListener('exit', onExit)
    },
  }
}

function keepProcess(keeper: JobKeeper, pid: number): void {
  const table = processTable()
  const listed = table?.find((one) => one.pid === pid)
  // It has ended already.
  if (table !== undefined && listed === undefined) keeper.remove()
  else keeper.write({ kind: 'process', ...placeHere(), pid, ...(listed && { started: listed.started }) })
}
