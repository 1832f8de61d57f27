import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

const NAME = /^dda-run-(\d+)-/
/** Memory that lies in a file system, and how much of it must be free there and in the machine for the tests to write into it. */
const MEMORY = '/dev/shm'
const ROOM = 8 * 2 ** 30

/**
 * Gives all tests of a run one temporary folder, which goes with the run: tests are killed now and then, and those that kill
 * what they start leave what that had open. In memory where there is plenty, for there hardly a processor waits for files.
 */
export default function ownTemporaryFolder(): (() => void) | undefined {
  // Given already, by another project of Vitest.
  if (process.env['DDA_TEST_TEMPORARY'] !== undefined) return undefined
  const before = process.env['TMPDIR']
  const place = before === undefined && isRoomyMemory() ? MEMORY : tmpdir()
  for (const at of new Set([place, tmpdir()]))
    for (const name of readdirSync(at)) if (isAbandoned(name)) remove(join(at, name))
  const folder = mkdtempSync(join(place, `dda-run-${process.pid}-`))
  process.env['TMPDIR'] = folder
  process.env['DDA_TEST_TEMPORARY'] = folder
  return () => {
    delete process.env['DDA_TEST_TEMPORARY']
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    remove(folder)
  }
}

/** What tests start must run there too, which many systems forbid. */
function isRoomyMemory(): boolean {
  if (process.platform !== 'linux' || freemem() < 1.5 * ROOM) return false
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > ROOM && mayRun()
  } catch {
    return false
  }
}

function mayRun(): boolean {
  const folder = mkdtempSync(join(MEMORY, `dda-run-${process.pid}-`))
  try {
    const script = join(folder, 'script')
    writeFileSync(script, '#!/bin/sh\n')
    chmodSync(script, 0o755)
    return spawnSync(script).status === 0
  } finally {
    remove(folder)
  }
}

function isAbandoned(name: string): boolean {
  const pid = NAME.exec(name)?.[1]
  if (pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** What a test still has open goes with the next run. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // A file that appears meanwhile.
  }
}
