import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshTemporary, removeLeftovers, temporaryFolder, temporaryName } from './temporary.ts'

test('what a process that is gone was writing is removed; what others write, and files of people, stay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dda-temporary-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  const own = temporaryName('run.json')
  const ofGone = own.replace(`-${process.pid}-`, `-${gone}-`)
  const elsewhere = `samples.jsonl.tmp-0123abcd-${gone}-1`
  const old = `samples.jsonl.tmp-0123abcd-${gone}-2`
  const before = `curated.jsonl.tmp-${gone}-1`
  const oldBefore = `curated.jsonl.tmp-${gone}-2`
  const peoples = ['notes.tmp-mine', 'samples.jsonl', 'x.tmp-', `tmp-${gone}-1`]
  for (const name of [own, ofGone, elsewhere, old, before, oldBefore, ...peoples]) writeFileSync(join(folder, name), '')
  const yesterday = new Date(Date.now() - 25 * 3600 * 1000)
  for (const name of [old, oldBefore, ...peoples]) utimesSync(join(folder, name), yesterday, yesterday)
  await removeLeftovers(folder)
  expect(readdirSync(folder).toSorted()).toEqual([own, elsewhere, before, ...peoples].toSorted())
  await removeLeftovers(join(folder, 'nowhere'))
})

test('whoever writes a file that people name removes what a killed process left of it, and nothing else beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dda-temporary-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  const left = (name: string) => temporaryName(name).replace(`-${process.pid}-`, `-${gone}-`)
  const [file, page, other, longer] = [left('out.parquet'), left('page'), left('other.parquet'), left('my-page')]
  for (const name of [file, other]) writeFileSync(join(folder, name), '')
  for (const name of [page, longer]) mkdirSync(join(folder, name, 'inside'), { recursive: true })
  expect(dirname(await freshTemporary(join(folder, 'out.parquet')))).toBe(folder)
  await freshTemporary(join(folder, 'page'))
  expect(readdirSync(folder).toSorted()).toEqual([other, longer].toSorted())
})

test('temporary folders of killed processes end with the next of their kind, those of living ones stay', async () => {
  const kind = `dda-test-${randomUUID()}`
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  const own = await temporaryFolder(kind)
  const left = own.replace(`-${process.pid}-`, `-${gone}-`)
  mkdirSync(join(left, 'inside'), { recursive: true })
  const next = await temporaryFolder(kind)
  onTestFinished(() => [own, next].forEach((folder) => rmSync(folder, { recursive: true })))
  expect([own, left, next].map((folder) => existsSync(folder))).toEqual([true, false, true])
  if (process.platform !== 'win32') expect(statSync(next).mode & 0o77).toBe(0)
})
