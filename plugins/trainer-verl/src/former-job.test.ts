import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeContext } from '@dda-thinker/testkit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { placeHere, processTable } from './launch/process-table.ts'
import { rayDashboard } from './ray-dashboard.fixture.ts'
import { makeJob, options } from './run.fixture.ts'
import { VerlTrainer } from './verl-trainer.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const jiti = fileURLToPath(new URL('../../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
const call = { signal: new AbortController().signal }

/** Says who of its forerunners is alive, and then its own number and that of a child which does not heed SIGTERM. */
const JOB = `#!/bin/sh
cd "$(dirname "$0")"
while read -r pid; do
  grep -q '^State:.[^Z]' /proc/$pid/status 2>/dev/null && echo "$pid" >> met
done < pids
(trap '' TERM; sleep 600) &
echo $! >> pids
echo $$ >> pids
wait
`

let root = ''
let file = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dda-verl-former-'))
  file = join(root, 'run/engine/verl-job.json')
  await mkdir(join(root, 'run/engine'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const isAlive = (pid: number): boolean => (processTable() ?? []).some((listed) => listed.pid === pid)
const record = async () => JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
const written = async (): Promise<number[]> =>
  (await readFile(join(root, 'pids'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number)

async function trainerOf(given: object): Promise<{ trainer: VerlTrainer; lines: string[] }> {
  const lines: string[] = []
  const note = (text: string): void => void lines.push(text)
  const trainer = new VerlTrainer(options({ pictures: false, ...given }), (path) => path)
  await trainer.open({ ...makeContext(), log: { debug: note, info: note, warn: note } })
  onTestFinished(() => trainer.close())
  return { trainer, lines }
}

/** `dda train` that is killed while its job is at work. @returns the numbers of the job and its child */
async function killedOwner(python: string): Promise<number[]> {
  const args = ['--conditions=@dda-thinker/source', jiti, `${here}killed-owner.fixture.ts`, root, python]
  const owner = spawn(process.execPath, args, { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(owner.stdout, 'data')
  while ((await written()).length < 2) await wait(20)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const left = await written()
  onTestFinished(() => left.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')))
  return left
}

describe.skipIf(process.platform !== 'linux')('a job as a process of this machine', () => {
  const start = async () => {
    const python = join(root, 'python')
    await writeFile(python, JOB)
    await chmod(python, 0o755)
    await writeFile(join(root, 'pids'), '')
    return python
  }

  test('that a killed dda train left is ended, with what it started, before the same run begins another', async () => {
    const python = await start()
    const left = await killedOwner(python)
    expect(left.map(isAlive)).toEqual([true, true])
    expect(await record()).toMatchObject({ kind: 'process', host: hostname(), pid: left[1] })

    const { trainer, lines } = await trainerOf({ python })
    await trainer.start(makeJob(root), call)
    expect(left.map(isAlive)).toEqual([false, false])
    expect(lines.join('\n')).toContain(`process ${left[1]} of ${hostname()}`)
    while ((await written()).length < 4) await wait(20)
    const now = (await written()).slice(2)
    expect(now.map(isAlive)).toEqual([true, true])
    expect(await record()).toMatchObject({ pid: now[1] })
    // The second job looked for the first when it began.
    expect(await readdir(root)).not.toContain('met')
    await trainer.close()
    expect(await readdir(join(root, 'run/engine'))).not.toContain('verl-job.json')
  })

  test('whose number another process has by now is left alone, and so is what was before the machine was started anew', async () => {
    const python = await start()
    const other: ChildProcess = spawn('sleep', ['600'], { detached: true })
    onTestFinished(() => void other.kill())
    const { pid = 0 } = other
    const started = processTable()?.find((listed) => listed.pid === pid)?.started
    for (const given of [{ started: '1' }, { started, boot: 'another' }]) {
      await writeFile(file, JSON.stringify({ kind: 'process', ...placeHere(), pid, ...given }))
      const { trainer } = await trainerOf({ python })
      await trainer.start(makeJob(root), call)
      expect((await record()).pid).not.toBe(pid)
      await trainer.close()
      expect(isAlive(pid)).toBe(true)
    }
  })

  test.each<[string, string, object | string]>([
    ['on another machine', 'it was started on elsewhere', { host: 'elsewhere', pid: 4711, started: '1' }],
    ['in another container', 'another container', { namespace: 'pid:[1]', pid: 4711, started: '1' }],
    ['whose number is not known', 'before its number was known', {}],
    ['of which the file is damaged', 'JSON', '{"kind"'],
    ['that would be everybody', 'it names no job', { pid: 1, started: '1' }],
  ])('%s is an error that says what to do, and no second job', async (_which, why, given) => {
    const python = await start()
    const text = typeof given === 'string' ? given : JSON.stringify({ kind: 'process', ...placeHere(), ...given })
    await writeFile(file, text)
    const { trainer } = await trainerOf({ python })
    const begun = trainer.start(makeJob(root), call)
    await expect(begun).rejects.toMatchObject({ code: 'DDA_VERL_LEFT', next: expect.stringContaining(file) })
    await expect(begun).rejects.toThrow(why)
    expect(await readFile(file, 'utf8')).toBe(text)
    expect(await written()).toEqual([])
  })
})

describe('a job on Ray', () => {
  const onRay = (address: string, more: object = {}) => ({ ray: { address, ...more }, storage: join(root, 'shared') })
  const dashboardHere = async () => {
    const dashboard = await rayDashboard()
    onTestFinished(() => dashboard.close())
    return dashboard
  }

  test('that a killed dda train left is ended by its id before the same run submits another', async () => {
    const dashboard = await dashboardHere()
    // One that is never closed, as one that was killed.
    const killed = new VerlTrainer(options({ pictures: false, ...onRay(dashboard.url) }), (path) => path)
    await killed.open(makeContext())
    await killed.start(makeJob(root), call)
    const [first] = dashboard.submitted
    expect(await record()).toEqual({ kind: 'ray', address: dashboard.url, id: first?.submission_id })
    expect(dashboard.status).toBe('RUNNING')

    const { trainer, lines } = await trainerOf(onRay(`${dashboard.url}/`))
    await trainer.start(makeJob(root), call)
    expect(dashboard.stops).toEqual([first?.submission_id])
    expect(dashboard.submitted).toHaveLength(2)
    expect(dashboard.overlaps).toBe(0)
    expect(lines.join('\n')).toContain(`job ${first?.submission_id}`)
    await trainer.close()
    expect(await readdir(join(root, 'run/engine'))).not.toContain('verl-job.json')
  })

  test('that ended meanwhile, or that Ray does not know, is no obstacle', async () => {
    const dashboard = await dashboardHere()
    await writeFile(file, JSON.stringify({ kind: 'ray', address: dashboard.url, id: 'dda-unknown' }))
    const { trainer } = await trainerOf(onRay(dashboard.url))
    await trainer.start(makeJob(root), call)
    dashboard.status = 'SUCCEEDED'
    const { trainer: next } = await trainerOf(onRay(dashboard.url))
    await next.start(makeJob(root), call)
    expect(dashboard.submitted).toHaveLength(2)
    expect(dashboard.stops).toEqual([])
  })

  test('that cannot be asked about is an error, and no second job; the token goes to the cluster of now alone', async () => {
    const dashboard = await dashboardHere()
    const elsewhere = await dashboardHere()
    process.env['VERL_FORMER_TOKEN'] = 'dashboard-token'
    onTestFinished(() => void delete process.env['VERL_FORMER_TOKEN'])
    const given = onRay(dashboard.url, { tokenEnv: 'VERL_FORMER_TOKEN' })
    await writeFile(file, JSON.stringify({ kind: 'ray', address: 'http://127.0.0.1:1', id: 'dda-1' }))
    const { trainer } = await trainerOf(given)
    await expect(trainer.start(makeJob(root), call)).rejects.toMatchObject({ code: 'DDA_VERL_LEFT' })
    expect(dashboard.submitted).toEqual([])

    await writeFile(file, JSON.stringify({ kind: 'ray', address: elsewhere.url, id: 'dda-1' }))
    await trainer.start(makeJob(root), call)
    expect(elsewhere.tokens).toStrictEqual([undefined])
    expect(dashboard.submitted).toHaveLength(1)
  })

  test('that was submitted although the answer never came is ended at once', async () => {
    const dashboard = await dashboardHere()
    dashboard.isMute = true
    const { trainer } = await trainerOf(onRay(dashboard.url))
    await expect(trainer.start(makeJob(root), call)).rejects.toMatchObject({ code: 'DDA_VERL_LAUNCH' })
    expect(dashboard.stops).toEqual([dashboard.submitted[0]?.submission_id])
    expect(dashboard.status).toBe('STOPPED')
  })

  test('that nobody took leaves nothing behind: the address may be put right', async () => {
    const { trainer } = await trainerOf(onRay('http://127.0.0.1:1'))
    await expect(trainer.start(makeJob(root), call)).rejects.toMatchObject({ code: 'DDA_VERL_LAUNCH' })
    expect(await readdir(join(root, 'run/engine'))).not.toContain('verl-job.json')
  })
})
