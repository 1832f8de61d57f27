import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Claims } from './claims.ts'
import { thisProcess } from './process-identity.ts'

const FAST = { renewEvery: 20, expireAfter: 200 }

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'dda-claims-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const open = (dir: string, own: string) => Claims.open(join(dir, 'claims'), join(dir, own), FAST)

test('one claims it at a time; what is given back, or left by a process that ends, can be claimed again', async () => {
  const dir = await folder()
  const [one, other] = [await open(dir, 'one'), await open(dir, 'other')]
  const names = Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(32, '0'))
  const got = await Promise.all(names.map(async (name) => [await one.take(name), await other.take(name)]))
  expect(got.every(([a, b]) => a !== b)).toBe(true)
  await Promise.all(names.map((name, i) => (got[i]?.[0] ? one : other).release(name)))
  expect(await readdir(join(dir, 'claims'))).toEqual([])
  expect(await other.take('ab')).toBe(true)
  expect(await one.take('ab')).toBe(false)
  await other.close()
  expect(await one.take('ab')).toBe(true)
  await one.release('ab')
  await one.close()
  expect(await readdir(dir)).toEqual(['claims'])
})

test('of many that find the claim of a dead process one gets it; at the start all of them are given back', async () => {
  const dir = await folder()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const dead = JSON.stringify({ ...thisProcess(), pid, started: '1', token: 'dead' })
  const all = await Promise.all(Array.from({ length: 6 }, (_, index) => open(dir, `own-${index}`)))
  for (let round = 0; round < 20; round += 1) {
    const name = round.toString(16)
    await writeFile(join(dir, 'claims', name), dead)
    // One may find another at it, and asks again later.
    const got = await Promise.all(all.map(async (claims) => claims.take(name)))
    expect(got.filter(Boolean).length).toBeLessThanOrEqual(1)
    const winner = all[got.indexOf(true)]
    if (winner !== undefined) await winner.release(name)
  }
  await writeFile(join(dir, 'claims', 'ff'), dead)
  for (const claims of all) await claims.close()
  await (await open(dir, 'last')).close()
  expect(await readdir(join(dir, 'claims'))).toEqual([])
})

test('the claim of another machine is waited for as long as it is renewed, and no longer', async () => {
  const dir = await folder()
  const claims = await open(dir, 'own')
  const path = join(dir, 'claims', 'ab')
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', token: 'far' }))
  const begun = performance.now()
  while (!(await claims.take('ab'))) await sleep(20)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(FAST.expireAfter)
  await claims.release('ab')
  await claims.close()
})
