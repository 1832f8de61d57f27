// Never two holders of one run: processes that try for a run's lock at the same instant, round after round, where there is no
// lock, where a dead process left one, and where one was left by another machine.
//
//   npm run build
//   npx jiti bench/lock-rounds.ts [--rounds 10000] [--processes 3]
//
// Exits with 1 where a round had two holders at once, or none.
import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { takeLease } from '../packages/store/src/lease.ts'

interface Start {
  readonly path: string
  /** Wall clock, milliseconds. */
  readonly at: number
}
type End = 'held' | 'refused' | 'two holders'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10000' },
    processes: { type: 'string', default: '3' },
    worker: { type: 'boolean', default: false },
  },
})

if (flags.worker) process.on('message', (start: Start) => void contend(start).then((end) => process.send?.(end)))
else process.exitCode = await rounds(Number(flags.rounds), Number(flags.processes))

async function contend({ path, at }: Start): Promise<End> {
  while (Date.now() < at);
  const lease = await takeLease(path, { renewEvery: 20, expireAfter: 100 })
  if (!('release' in lease)) return 'refused'
  try {
    writeFileSync(join(dirname(path), 'inside'), '', { flag: 'wx' })
  } catch {
    return 'two holders'
  }
  await sleep(Math.random() * 3)
  rmSync(join(dirname(path), 'inside'))
  await lease.release()
  return 'held'
}

async function rounds(count: number, processes: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dda-lock-rounds-'))
  const jiti = join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs')
  const children = Array.from({ length: processes }, () => fork(jiti, [fileURLToPath(import.meta.url), '--worker']))
  const left: Readonly<Record<string, object | undefined>> = {
    'no lock': undefined,
    'left by a dead process': { pid: 999_999_999, host: hostname(), token: 'dead' },
    'left by another machine': { pid: 1, host: 'elsewhere', token: 'far' },
  }
  let bad = 0
  for (const [what, holder] of Object.entries(left)) {
    // Each of these waits until the lease has expired.
    const wanted = what.endsWith('machine') ? Math.ceil(count / 20) : count
    const found = { two: 0, none: 0, several: 0 }
    for (let round = 0; round < wanted; round += 1) {
      const path = join(mkdtempSync(join(folder, 'run-')), 'lock')
      if (holder !== undefined) writeFileSync(path, JSON.stringify({ ...holder, token: `left-${round}` }))
      const start: Start = { path, at: Date.now() + 4 }
      const ends = await Promise.all(
        children.map(
          (child) =>
            new Promise<End>((resolve) => {
              child.once('message', resolve)
              child.send(start)
            }),
        ),
      )
      const held = ends.filter((end) => end === 'held').length
      if (ends.includes('two holders')) found.two += 1
      else if (held === 0) found.none += 1
      else if (held > 1) found.several += 1
      if (readdirSync(dirname(path)).length > 0) found.two += 1
      rmSync(dirname(path), { recursive: true })
    }
    bad += found.two + found.none
    process.stdout.write(
      `${what}: ${wanted} rounds of ${processes} processes; two holders at once (or something left behind) in ${found.two}, none in ${found.none}; one after the other in ${found.several}\n`,
    )
  }
  for (const child of children) child.kill()
  rmSync(folder, { recursive: true })
  return bad > 0 ? 1 : 0
}
