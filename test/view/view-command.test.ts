import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RolloutDetail, ViewHead } from '../../packages/viewer/src/wire/view-data.ts'
import { bin, ended, envelope, type Ran, root, startDda } from '../support/dda.ts'
import type { Folder } from '../support/tiny-tabletop.ts'
import { viewedProject } from '../support/viewed-project.ts'

let project: Folder

beforeAll(async () => {
  project = await viewedProject()
  return () => project.remove()
}, 300_000)

interface Viewing {
  readonly child: ChildProcess
  readonly url: string
  /** Ctrl-C, and how it ended. */
  readonly interrupt: () => Promise<Ran>
}

/** A `dda view` that has said where it is. It is gone when the test is. */
async function viewing(child: ChildProcess): Promise<Viewing> {
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString()
      const found = /is at (http:\S+);/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('close', (code) => reject(new Error(`dda view ended with ${code}: ${said}`)))
  })
  return {
    child,
    url,
    interrupt() {
      const end = ended(child)
      child.kill('SIGINT')
      return end
    },
  }
}

const view = (...args: readonly string[]) => startDda(project.dir, ['view', '--port', '0', ...args])

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url)
  expect([url, response.status]).toEqual([url, 200])
  return (await response.json()) as T
}

test('it says where it is, shows the runs that were named, and ends with Ctrl-C as one that has done what it was to do', async () => {
  const { url, interrupt } = await viewing(view('evaluation', '--json'))
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(await (await fetch(url)).text()).toContain('app.js')
  const { runs } = await json<ViewHead>(`${url}/data/head.json`)
  expect(runs.map(({ name }) => name)).toEqual(['evaluation'])
  expect((await fetch(`${url}/data/runs/run/metrics.json`)).status).toBe(404)
  const ran = await interrupt()
  expect(ran.code).toBe(0)
  expect(envelope(ran)).toMatchObject({ ok: true, data: { url } })
  await expect(fetch(url)).rejects.toThrow()
})

test('a port that is taken is told by its code, with what to do', async () => {
  const first = await viewing(view())
  const { port } = new URL(first.url)
  const ran = await ended(startDda(project.dir, ['view', '--port', port, '--json']))
  const { error } = envelope(ran)
  expect([ran.code, error.code]).toEqual([2, 'DDA_HTTP_ADDRESS'])
  expect(error.next).toContain('another port')
  expect((await first.interrupt()).code).toBe(0)
})

test('runs and names that are not there end it before it listens', async () => {
  const ran = await ended(view('no-such-run', '--json'))
  expect([ran.code, envelope(ran).error.code]).toEqual([2, 'DDA_RUN_MISSING'])
})

/** How a process is started that may not write what is read-only, as root may; undefined where root cannot give that up. */
const UNPRIVILEGED: readonly string[] | undefined = (() => {
  if (process.platform === 'win32') return undefined
  if (process.getuid?.() !== 0) return []
  // The files may be those of a user whose folders only root may read: that it keeps.
  const command = ['setpriv', '--bounding-set=-dac_override']
  return spawnSync(command[0] ?? '', [...command.slice(1), 'true']).status === 0 ? command : undefined
})()

describe.skipIf(UNPRIVILEGED === undefined)(
  'on a disk that may not be written (skipped where root cannot give that up)',
  () => {
    const [command, ...before] = [...(UNPRIVILEGED ?? []), process.execPath]
    const start = (...args: readonly string[]) =>
      spawn(command, [...before, bin, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })

    /** Paths below a folder, and when each was changed. */
    const contents = (dir: string): readonly string[] =>
      readdirSync(dir, { recursive: true })
        .map((path) => `${String(path)} ${statSync(join(dir, String(path))).mtimeMs}`)
        .toSorted()

    /** A copy of the project that nobody may write to. */
    async function locked(): Promise<Folder> {
      const copy = await viewedProject()
      const all = [copy.dir, ...readdirSync(copy.dir, { recursive: true }).map((path) => join(copy.dir, String(path)))]
      for (const path of all) chmodSync(path, statSync(path).mode & ~0o222)
      onTestFinished(() => {
        for (const path of all) chmodSync(path, statSync(path).mode | 0o200)
        copy.remove()
      })
      return copy
    }

    test('a run that may not be written is looked at all the same, answers are refused by their code, and nothing changes', async () => {
      const { dir } = await locked()
      const before = contents(dir)
      const { url, interrupt } = await viewing(start('view', '--port', '0', '--cwd', dir))
      const of = `${url}/data/runs/evaluation`
      const [detail] = await json<RolloutDetail[]>(`${of}/rollouts.json?rows=0`)
      if (detail === undefined) throw new Error('no rollout')
      for (const path of ['columns.bin', 'metrics.json', 'search.bin?text=the', 'agreement.json'])
        expect([path, (await fetch(`${of}/${path}`)).status]).toEqual([path, 200])
      const rows = [...Array(24).keys()].join(',')
      const all = await json<RolloutDetail[]>(`${of}/rollouts.json?rows=${rows}`)
      const edit = all.find(({ rollout }) => rollout.edit !== undefined)?.rollout.edit?.image.hash
      for (const folder of ['pictures', 'thumbnails'])
        expect([folder, (await fetch(`${url}/${folder}/${edit}.png`)).status]).toEqual([folder, 200])
      const { rollout } = detail
      const refused = await fetch(`${of}/annotations.json`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          row: 0,
          rollout: rollout.id,
          by: 'ann',
          answers: [{ item: rollout.verdicts[0]?.itemId, answer: 'yes' }],
        }),
      })
      const { error } = (await refused.json()) as { error: { code: string; next: string } }
      expect([refused.status, error.code]).toEqual([409, 'DDA_VIEW_ANSWER_LOST'])
      expect(error.next).toContain('annotations.jsonl')
      expect((await interrupt()).code).toBe(0)
      expect(contents(dir)).toEqual(before)
    }, 120_000)

    test('a report and an export of it are written elsewhere; in it they are refused by a code, with the path', async () => {
      const { dir } = await locked()
      const before = contents(dir)
      const out = mkdtempSync(join(tmpdir(), 'dda-test-report-'))
      onTestFinished(() => rmSync(out, { recursive: true, force: true }))
      for (const [args, file] of [
        [['report', '--out', out], 'report.html'],
        [['view', '--export', join(out, 'view.html')], 'view.html'],
      ] as const) {
        expect([file, (await ended(start(...args, '--cwd', dir))).code]).toEqual([file, 0])
        expect(existsSync(join(out, file))).toBe(true)
      }
      for (const [args, code] of [
        [['report'], 'DDA_FILE_SYSTEM'],
        [['view', '--export', join(dir, 'view.html')], 'DDA_VIEW_EXPORT'],
      ] as const) {
        const ran = await ended(start(...args, '--cwd', dir, '--json'))
        const { error } = envelope(ran)
        expect([ran.code, error.code]).toEqual([3, code])
        expect(error.message).toContain(dir)
        expect(error.next).toMatch(/written|disk/)
      }
      expect(contents(dir)).toEqual(before)
    }, 120_000)
  },
)
