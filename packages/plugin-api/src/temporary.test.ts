import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeLeftovers, temporaryName } from './temporary.ts'

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
