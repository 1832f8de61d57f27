import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { bin, ended, ensureBuilt, type Parsed, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { runRecord, type RunRecord } from '../support/records.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const TRAIN = ['train', '--name', 'run'] as const
const prepared = tinyProject()
let expected: RunRecord
let project: Folder

beforeAll(async () => {
  ensureBuilt()
  expect(await ddaHere(prepared.dir, 'synthesize')).toMatchObject({ ok: true })
  const whole = copyOf(prepared)
  expect(await ddaHere(whole.dir, ...TRAIN)).toMatchObject({ ok: true, data: { step: 12 } })
  expected = runRecord(whole.dir)
  whole.remove()
})
beforeEach(() => {
  project = copyOf(prepared)
})
afterEach(() => project.remove())
afterAll(() => prepared.remove())

const FULL = { ok: false, exitCode: 3, error: { code: 'DDA_DISK_FULL', next: expect.stringMatching(/space/) } }

async function expectToEndAsExpected(): Promise<void> {
  const again = await ddaHere(project.dir, ...TRAIN)
  expect(again, again.stderr).toMatchObject({ ok: true, data: { state: 'finished', step: 12 } })
  expect(runRecord(project.dir)).toEqual(expected)
}

const noFullDevice = process.platform !== 'linux'
test.skipIf(noFullDevice)('a write that finds no space is told by its code; with space the run goes on', async () => {
  // The kernel's own full disk: every write to /dev/full is refused with ENOSPC.
  const tiny = readFileSync(join(project.dir, 'tiny.mjs'), 'utf8')
  const marker = join(project.dir, 'full')
  const place = `(await import('node:fs')).existsSync(${JSON.stringify(marker)}) ? '/dev/full' : join(folder, 'state.json')`
  const often = tiny.replace("writeFile(join(folder, 'state.json')", `writeFile(${place}`)
  expect(often).not.toBe(tiny)
  writeFileSync(join(project.dir, 'tiny.mjs'), often)
  writeFileSync(marker, '')
  const broken = await ddaHere(project.dir, ...TRAIN)
  expect(broken).toMatchObject(FULL)
  expect(broken.error.message).toContain('tiny')
  expect((await ddaHere(project.dir, 'runs', 'list')).data.runs).toMatchObject([{ name: 'run', state: 'stopped' }])
  rmSync(marker)
  await expectToEndAsExpected()
})

/** Mounts inside a user namespace need no rights, where the kernel allows them. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

/** Runs a script with mounts of its own; they are gone when it ends, so it writes its findings to $OUT. */
async function withMounts(script: string, env: NodeJS.ProcessEnv): Promise<void> {
  const out = join(project.dir, 'out')
  mkdirSync(out)
  const child = spawn('unshare', ['-rm', 'sh', '-eu', '-c', script], {
    cwd: project.dir,
    env: { ...process.env, OUT: out, NODE: process.execPath, DDA: bin, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran = await ended(child)
  expect(ran.code, ran.stderr).toBe(0)
}

const found = (name: string): Parsed => JSON.parse(readFileSync(join(project.dir, 'out', name), 'utf8'))

test.skipIf(!canMount).each([8, 60, 180])(
  'a small disk that is full but for %i KiB: a coded end, and with space the same end as ever',
  async (room) => {
    const script = `
      mkdir disk
      mount -t tmpfs -o size=4m none disk
      cp -r dda.config.yaml tiny.mjs node_modules data disk/
      cd disk
      free() { df -k --output=avail . | tail -1; }
      dd if=/dev/zero of=ballast bs=1024 count=$(( $(free) - ${room} )) status=none
      "$NODE" "$DDA" train --name run --json >"$OUT/full.json" || true
      rm ballast
      if [ -e runs/run/journal.jsonl ]; then cp runs/run/journal.jsonl "$OUT/"; else : >"$OUT/journal.jsonl"; fi
      "$NODE" "$DDA" train --name run --json >"$OUT/again.json"
      cp -r runs data "$OUT/"`
    await withMounts(script, {})
    expect(found('full.json')).toMatchObject(FULL)
    const kept = readFileSync(join(project.dir, 'out/journal.jsonl'), 'utf8').split('\n').slice(0, -1)
    for (const line of kept) JSON.parse(line)
    expect(found('again.json')).toMatchObject({ ok: true, data: { state: 'finished', step: 12 } })
    expect(runRecord(join(project.dir, 'out'))).toEqual(expected)
  },
)

test.skipIf(!canMount)('a folder for runs that is mounted read-only is told by its code', async () => {
  const script = `
    mkdir runs
    mount -t tmpfs -o ro none runs
    "$NODE" "$DDA" train --name run --json >"$OUT/refused.json" || true`
  await withMounts(script, {})
  const refused = { ok: false, exitCode: 3, error: { code: 'DDA_FILE_SYSTEM', next: expect.stringMatching(/written/) } }
  expect(found('refused.json')).toMatchObject(refused)
  expect(found('refused.json').error.message).toContain(join(project.dir, 'runs'))
  await expectToEndAsExpected()
})

test('a file where the folder for runs should be is told by its code', async () => {
  writeFileSync(join(project.dir, 'runs'), '')
  const refused = await ddaHere(project.dir, ...TRAIN)
  expect(refused).toMatchObject({
    exitCode: 3,
    error: { code: 'DDA_FILE_SYSTEM', next: expect.stringMatching(/path/) },
  })
  expect(refused.error.message).toContain(join(project.dir, 'runs'))
  rmSync(join(project.dir, 'runs'))
  await expectToEndAsExpected()
})

// Root may write anywhere.
test.skipIf(process.getuid?.() === 0)('a run folder without the right to write is told by its code', async () => {
  const folder = join(project.dir, 'runs')
  mkdirSync(folder)
  chmodSync(folder, 0o555)
  expect(await ddaHere(project.dir, ...TRAIN)).toMatchObject({ exitCode: 3, error: { code: 'DDA_FILE_SYSTEM' } })
  chmodSync(folder, 0o755)
  await expectToEndAsExpected()
})
