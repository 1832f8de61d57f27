// What `dda serve` costs beside what it calls: npm run build && npx jiti bench/serve.ts [--python <of an environment with bench/peers/serve.txt>]
//
// The service runs in a process of its own over an Editor, a judge and a reward that take no time. New plans at 500 requests/s, open loop: each is edited,
// stored, judged and journaled. Plans that were scored before, as fast as 64 callers can: found and journaled. Beside the latter a FastAPI server on uvicorn, which
// computes the same checklist reward from verdicts that it holds in memory, and writes nothing. Then 10^4 requests at once.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { closedLoop, type Load, openLoop, sender } from './serve/load.ts'

const { values } = parseArgs({
  options: { python: { type: 'string' }, seconds: { type: 'string', default: '20' } },
})
const seconds = Number(values.seconds)
const PLANS = 500
const CACHED = 20_000
const rows: Record<string, Load> = {}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { child, port } = await started('npx', ['jiti', here('serve/server.ts')])
const url = `http://127.0.0.1:${port}`
const score = (plan: (index: number) => string) =>
  sender(url, '/v1/score', (index) => ({ plan: plan(index), sampleId: 'sample', seed: 1 }))

const fresh = score((index) => `Put plan ${index} where it belongs.`)
await openLoop(fresh, 100, 3)
rows['new plans, 500/s'] = await openLoop((index) => fresh(1e6 + index), 500, seconds)
rows['10,000 at once'] = await closedLoop((index) => fresh(2e6 + index), 1e4, 1e4)
await fresh.close()

const known = score((index) => `Put plan ${index % PLANS} where it belongs.`)
await closedLoop(known, 64, 2 * PLANS)
const ours: Load[] = []
const theirs: Load[] = []
const peer =
  values.python === undefined
    ? undefined
    : await started(values.python, [here('peers/serve_fastapi.py'), String(PLANS)])
const other =
  peer && sender(`http://127.0.0.1:${peer.port}`, '/score', (index) => ({ plan: index % PLANS, sample_id: 'sample' }))
if (other !== undefined) await closedLoop(other, 64, 2 * PLANS)
// In turn, so that what the machine does besides falls on both.
for (let round = 0; round < 3; round += 1) {
  ours.push(await closedLoop(known, 64, CACHED))
  if (other !== undefined) theirs.push(await closedLoop(other, 64, CACHED))
}
rows['known plans'] = median(ours)
if (other !== undefined) rows['FastAPI, known plans'] = median(theirs)
await known.close()
await other?.close()
for (const one of [child, peer?.child]) one?.stdin?.end()
console.table(rows)
const [mine, peers] = [rows['known plans'], rows['FastAPI, known plans']]
if (peers !== undefined)
  console.log(`${(mine['requests/s'] / peers['requests/s']).toFixed(2)} × the requests/s of FastAPI`)

function median(loads: readonly Load[]): Load {
  const sorted = loads.toSorted((a, b) => a['requests/s'] - b['requests/s'])
  return sorted[Math.floor(sorted.length / 2)] as Load
}

async function started(command: string, args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [data] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { child, port: Number(data.toString().trim()) }
}
