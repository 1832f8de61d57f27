import { randomUUID } from 'node:crypto'
import { link as makeLink, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readWhole } from '@dda-thinker/plugin-api'
import { errno, fileError } from './files.ts'
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.ts'

/** What a lease file says of who holds it. */
export interface LeaseHolder extends ProcessIdentity {
  /** Random: no two leases, of whatever process, have one. Absent in files of older versions. */
  readonly token?: string
}

export interface LeaseOptions {
  /** Milliseconds between renewals. Default 5,000. */
  readonly renewEvery?: number
  /**
   * Milliseconds without a renewal after which a lease whose process cannot be asked counts as left behind. Default 20,000:
   * it must be long beside the times for which a busy machine or file system stalls.
   */
  readonly expireAfter?: number
  /** Told once, before such a lease is waited for. */
  readonly onWait?: (holder: LeaseHolder) => void
}

/** A file of which at most one process is the holder. */
export interface Lease {
  readonly token: string
  /** Aborted where the lease was lost while it was held: another process took this one for dead. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** Bytes of a lease: far beyond any. */
const LONGEST = 2 ** 16
const RENEW_EVERY = 5_000
export const EXPIRE_AFTER = 20_000
/** Longer than a lease lives: clocks of machines differ. */
const SILENT_AFTER = 60_000

/** Tokens that this process holds, whichever copy of this module took them. */
const HELD: Set<string> = ((globalThis as Record<symbol, unknown>)[Symbol.for('dda-thinker:leases')] ??=
  new Set<string>()) as Set<string>

/**
 * Takes the lease, or that of a holder that is gone.
 *
 * A lease is written whole beside its place and linked into it, which one of several processes can do. The right to replace
 * the lease with token T is a link of its own, named by T, which likewise one process gets, once for all time; whoever has it
 * looks again that T still stands there, and renames its own lease over it. Where that process dies in between, the right to act in its
 * stead is linked by *its* token. So no process ever removes what it has not compared, and two never replace the same.
 *
 * @returns the lease, or its holder where that is alive
 * @throws the file system's own error where a lease cannot be written
 */
export async function takeLease(path: string, options: LeaseOptions = {}): Promise<Lease | LeaseHolder> {
  const own: LeaseHolder & { readonly token: string } = { ...thisProcess(), token: randomUUID() }
  const claim = `${path}.${own.token}`
  // Before the claim can be seen: another of this process that tidies up would take it for one left behind.
  HELD.add(own.token)
  try {
    await writeFile(claim, JSON.stringify(own), { flag: 'wx' })
    while (true) {
      if (await link(claim, path)) return await hold(path, own.token, options)
      const holder = await readLease(path)
      if (holder === undefined) continue
      if (await isHeld(path, holder, options)) {
        HELD.delete(own.token)
        return holder
      }
      const rival = await replace(path, claim, holder, options)
      if (rival === undefined) {
        if ((await readLease(path))?.token === own.token) return await hold(path, own.token, options)
        continue
      }
      // Somebody else is about to have it, or has died trying; it will show.
      await sleep(5)
    }
  } catch (error) {
    HELD.delete(own.token)
    throw error
  } finally {
    await rm(claim, { force: true })
  }
}

/**
 * Who holds the lease, as far as can be told without waiting: undefined where nobody does. One whose process cannot be asked counts for as long
 * as its last renewal is less than {@link SILENT_AFTER} old by this machine's clock: good enough to show, not to take it over by.
 */
export async function leaseHolder(path: string): Promise<LeaseHolder | undefined> {
  const holder = await readLease(path).catch((error: unknown) => {
    // A folder of that name is nobody's lease.
    if (errno(error) !== 'EISDIR') throw fileError(error, 'read', path)
    return undefined
  })
  return holder !== undefined && (askHolder(holder) ?? (await isFresh(path))) ? holder : undefined
}

async function isFresh(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }))
  return Date.now() - mtimeMs < SILENT_AFTER
}

/** Replaces the lease of a dead holder by the claim, or gives the rival that has the right to. */
export async function replace(
  path: string,
  claim: string,
  dead: LeaseHolder,
  options: LeaseOptions,
): Promise<LeaseHolder | undefined> {
  const chain: string[] = []
  let begun: number
  let before = dead
  while (true) {
    const right = `${path}.over-${before.token ?? `${before.host}-${before.pid}`}`
    begun = performance.now()
    if (await link(claim, right)) {
      chain.push(right)
      break
    }
    const rival = await readLease(right)
    // Its work is done, and it has tidied up.
    if (rival === undefined) return dead
    if (await isHeld(right, rival, options)) return rival
    chain.push(right)
    before = rival
  }
  // Of the chain, the last may act; whoever came before it is dead, and may have got as far as renaming.
  const now = await readLease(path)
  const stands = now !== undefined && (now.token === dead.token || now.token === before.token)
  // Who was suspended for long may itself have been taken for dead.
  const fresh = performance.now() - begun < (options.expireAfter ?? EXPIRE_AFTER) / 2
  if (stands && fresh) await rename(claim, path)
  for (const right of chain) await rm(right, { force: true })
  return undefined
}

async function hold(path: string, token: string, options: LeaseOptions): Promise<Lease> {
  const lost = new AbortController()
  const renewal = setInterval(
    () =>
      // A file system that is full or gone for a moment is no reason to end; who cannot renew for long is taken over.
      void renew(path, token).then(
        (kept) => kept || !HELD.has(token) || lost.abort(),
        () => undefined,
      ),
    options.renewEvery ?? RENEW_EVERY,
  )
  renewal.unref()
  await tidy(path, token)
  return {
    token,
    lost: lost.signal,
    async release() {
      clearInterval(renewal)
      if ((await readLease(path))?.token === token) await rm(path, { force: true })
      HELD.delete(token)
    },
  }
}

/** @returns whether the lease is still ours */
async function renew(path: string, token: string): Promise<boolean> {
  if ((await readLease(path))?.token !== token) return false
  const now = new Date()
  await utimes(path, now, now)
  return true
}

/** Removes what processes that died while they tried left beside the lease. */
async function tidy(path: string, token: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || name.endsWith(token)) continue
    const left = await readLease(join(dirname(path), name))
    if (left !== undefined && askHolder(left) === false) await rm(join(dirname(path), name), { force: true })
  }
}

/** @returns false where something has the name already */
async function link(claim: string, path: string): Promise<boolean> {
  try {
    await makeLink(claim, path)
    return true
  } catch (error) {
    const code = errno(error)
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error
  }
  // A file system without links: exclusive creation is as good, but for a reader that comes before the text.
  try {
    await writeFile(path, await readFile(claim), { flag: 'wx' })
    return true
  } catch (error) {
    if (errno(error) === 'EEXIST') return false
    throw error
  }
}

/** What stands in a lease, undefined where there is none; of a file that is none, a holder that nobody is. */
export async function readLease(path: string): Promise<LeaseHolder | undefined> {
  let text: string
  try {
    text = String(await readWhole(path, LONGEST))
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    // No version of ours wrote this.
    if (error instanceof RangeError) return { pid: 0, host: 'unknown' }
    throw error
  }
  try {
    const holder = JSON.parse(text) as Partial<LeaseHolder> | null
    if (typeof holder?.pid === 'number' && typeof holder.host === 'string') return holder as LeaseHolder
  } catch {
    // No version of ours wrote this, or an old one was killed while it did.
  }
  return { pid: 0, host: 'unknown' }
}

/** Does the holder live? Undefined where only time can tell. */
export function askHolder(holder: LeaseHolder): boolean | undefined {
  const alive = isAlive(holder)
  if (alive !== true || holder.pid !== process.pid) return alive
  // This process, or one whose number it has been given in a container begun anew.
  return holder.token === undefined ? false : HELD.has(holder.token)
}

async function isHeld(path: string, holder: LeaseHolder, options: LeaseOptions): Promise<boolean> {
  return askHolder(holder) ?? (await isRenewed(path, holder, options))
}

/** Watches a lease for a while; the clocks of the machines do not matter, only that something moves. */
async function isRenewed(path: string, holder: LeaseHolder, options: LeaseOptions): Promise<boolean> {
  options.onWait?.(holder)
  const expire = options.expireAfter ?? EXPIRE_AFTER
  const begun = performance.now()
  const first = await changeOf(path)
  while (performance.now() - begun < expire) {
    await sleep(Math.min(500, expire / 10))
    const now = await changeOf(path)
    // Given back meanwhile.
    if (now === undefined) return false
    if (now !== first) return true
  }
  return false
}

/** Something that is another one after every renewal; undefined where there is no lease. */
export async function changeOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, ino } = await stat(path)
    return `${mtimeMs}/${ino}`
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw error
  }
}
