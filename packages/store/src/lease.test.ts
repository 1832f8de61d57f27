import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Lease, type LeaseHolder, leaseHolder, takeLease } from './lease.ts'
import { thisProcess } from './process-identity.ts'

const FAST = { renewEvery: 20, expireAfter: 200 }

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dda-lease-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'lock')
}

function taken(result: Lease | LeaseHolder): Lease {
  if ('release' in result) return result
  throw new Error(`held by ${JSON.stringify(result)}`)
}

/** A process that has been and gone, by the kernel's word. */
const { pid: GONE } = spawnSync(process.execPath, ['-e', ''])
let left = 0

/** A lease of its own of a process that has been and gone. */
function deadProcess(): LeaseHolder {
  left += 1
  return { ...thisProcess(), pid: GONE, started: '1', token: `dead-${left}` }
}

/** Holders that only time can tell of: another boot, another container with our host name, another machine, an older version. */
const FAR: Readonly<Record<string, LeaseHolder>> = {
  'another boot or container under one host name': { ...thisProcess(), place: 'other/pid:[1]', token: 'far' },
  'another machine': { ...thisProcess(), host: 'elsewhere', token: 'far' },
  'an older version, on another machine': { pid: 1, host: 'elsewhere' },
}

test('one holder at a time; what is given back can be had again, and nothing stays behind', async () => {
  const path = await place()
  const first = taken(await takeLease(path, FAST))
  expect(await takeLease(path, FAST)).toMatchObject({ pid: process.pid })
  expect(await leaseHolder(path)).toMatchObject({ pid: process.pid })
  await first.release()
  expect(await leaseHolder(path)).toBeUndefined()
  await taken(await takeLease(path, FAST)).release()
  expect(await readdir(dirname(path))).toEqual([])
})

test('of many that try at once exactly one gets it, also where a dead one has to be replaced', async () => {
  for (let round = 0; round < 40; round += 1) {
    const path = await place()
    if (round % 2 === 1) await writeFile(path, JSON.stringify(deadProcess()))
    const all = await Promise.all(Array.from({ length: 8 }, () => takeLease(path, FAST)))
    const holders = all.filter((one): one is Lease => 'release' in one)
    expect(holders).toHaveLength(1)
    await holders[0]?.release()
    expect(await readdir(dirname(path))).toEqual([])
  }
})

test('the lease of a process that is gone is taken over at once, also after its number was given again', async () => {
  const path = await place()
  for (const dead of [
    deadProcess(),
    { ...thisProcess(), started: '1', token: 'a' },
    { ...thisProcess(), token: 'b' },
  ]) {
    await writeFile(path, JSON.stringify(dead))
    expect(await leaseHolder(path)).toBeUndefined()
    await taken(await takeLease(path, { ...FAST, expireAfter: 60_000 })).release()
  }
})

for (const [who, holder] of Object.entries(FAR)) {
  test(`the lease of ${who} counts while it is renewed, and is taken over after that`, async () => {
    const path = await place()
    await writeFile(path, JSON.stringify(holder))
    const waited: LeaseHolder[] = []
    const options = { ...FAST, expireAfter: 1_000, onWait: (one: LeaseHolder) => void waited.push(one) }
    const renewing = setInterval(() => void utimes(path, new Date(), new Date()), 20)
    expect(await takeLease(path, options)).toEqual(holder)
    clearInterval(renewing)
    expect(await leaseHolder(path)).toEqual(holder)
    await taken(await takeLease(path, options)).release()
    expect(waited).toEqual([holder, holder])
  })
}

for (const [who, holder] of Object.entries(FAR)) {
  test(`the lease of ${who} is not shown as held where it has not been renewed for a minute`, async () => {
    const path = await place()
    await writeFile(path, JSON.stringify(holder))
    expect(await leaseHolder(path)).toEqual(holder)
    // A clock that is ahead of ours is none of its faults.
    for (const [seconds, shown] of [
      [-3600, holder],
      [50, holder],
      [70, undefined],
    ] as const) {
      const then = new Date(Date.now() - seconds * 1000)
      await utimes(path, then, then)
      expect(await leaseHolder(path)).toEqual(shown)
    }
  })
}

test('one that died while it took over is followed', async () => {
  const path = await place()
  const dead = deadProcess()
  const next = { ...deadProcess(), token: 'next' }
  await writeFile(path, JSON.stringify(dead))
  await writeFile(`${path}.over-${dead.token}`, JSON.stringify(next))
  await writeFile(`${path}.claim-of-the-dead`, JSON.stringify(next))
  await taken(await takeLease(path, FAST)).release()
  expect(await readdir(dirname(path))).toEqual([])
  // It may also have died just after it had renamed its own over the old one.
  await writeFile(path, JSON.stringify(next))
  await writeFile(`${path}.over-${dead.token}`, JSON.stringify(next))
  await taken(await takeLease(path, FAST)).release()
  expect(await readdir(dirname(path))).toEqual([])
})

test('a file that is no lease is waited for and replaced', async () => {
  const path = await place()
  await writeFile(path, '{"pid":')
  await taken(await takeLease(path, FAST)).release()
})
