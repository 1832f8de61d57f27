// What `dda serve` costs beside what it calls: npm run build && npx jiti bench/serve.ts [--python <of an environment with bench/peers/serve.txt>]
//
// The service runs in a process of its own over an Editor, a judge and a reward that take no time. New plans at 500 requests/s, open loop: each is edited,
// stored, judged and journaled; in turn with a server on the same library that answers at once, whose waits are those of the machine and the load generator.
// Then 10^4 requests at once. Plans that were scored before, as fast as 64 callers can: found and journaled; in turn with a FastAPI server on uvicorn, which
// computes the same checklist reward from verdicts that it holds in memory, and writes nothing. `cpu ms` is the time of the server's process a request (Linux
// only): what stays comparable where the machine does other things besides.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { closedLoop, type Load, openLoop, sender } from './serve/load.ts'

const { values } = parseArgs({
  options: { python: { type: 'string' }, seconds: { type: 'string', default: '20' } },
})
const seconds = Number(values.seconds)
const PLANS = 500
const CACHED = 20_000
type Row = Load & { readonly 'cpu ms'?: number }
const rows: Record<string, Row> = {}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { child, port, pid } = await started('npx', ['jiti', here('serve/server.ts')])
const url = `http://127.0.0.1:${port}`
const score = (plan: (index: number) => string, to = url) =>
  sender(to, '/v1/score', (index) => ({ plan: plan(index), sampleId: 'sample', seed: 1 }))

const newPlan = (index: number): string => `Put plan ${index} where it belongs.`
const fresh = score(newPlan)
const bare = await started('npx', ['jiti', here('serve/bare-server.ts')])
const atOnce = score(newPlan, `http://127.0.0.1:${bare.port}`)
// Until its code is compiled and the folders of the store are there.
await closedLoop(fresh, 16, 6000)
await closedLoop(atOnce, 16, 6000)
const scored: Row[] = []
const answered: Row[] = []
for (let round = 1; round <= 3; round += 1) {
  const [from, count] = [round * 1e6, 500 * seconds]
  scored.push(await measured(pid, () => openLoop((index) => fresh(from + index), 500, seconds), count))
  answered.push(await measured(bare.pid, () => openLoop((index) => atOnce(from + index), 500, seconds), count))
}
rows['new plans, 500/s'] = median(scored, 'p99 ms')
rows['answered at once, 500/s'] = median(answered, 'p99 ms')
await atOnce.close()
rows['10,000 at once'] = await measured(pid, () => closedLoop((index) => fresh(9e6 + index), 1e4, 1e4), 1e4)
await fresh.close()

const known = score((index) => `Put plan ${index % PLANS} where it belongs.`)
await closedLoop(known, 64, 2 * PLANS)
const ours: Row[] = []
const theirs: Row[] = []
const peer =
  values.python === undefined
    ? undefined
    : await started(values.python, [here('peers/serve_fastapi.py'), String(PLANS)])
const other =
  peer && sender(`http://127.0.0.1:${peer.port}`, '/score', (index) => ({ plan: index % PLANS, sample_id: 'sample' }))
if (other !== undefined) await closedLoop(other, 64, 2 * PLANS)
// In turn, so that what the machine does besides falls on both.
for (let round = 0; round < 3; round += 1) {
  ours.push(await measured(pid, () => closedLoop(known, 64, CACHED), CACHED))
  if (peer && other) theirs.push(await measured(peer.pid, () => closedLoop(other, 64, CACHED), CACHED))
}
rows['known plans'] = median(ours, 'requests/s')
if (other !== undefined) rows['FastAPI, known plans'] = median(theirs, 'requests/s')
await known.close()
await other?.close()
for (const one of [child, bare.child, peer?.child]) one?.stdin?.end()
console.table(rows)
const [whole, machine] = [rows['new plans, 500/s'], rows['answered at once, 500/s']]
console.log(
  `new plans wait ${(whole['p50 ms'] - machine['p50 ms']).toFixed(1)} ms longer than answers at once at p50, ${(whole['p99 ms'] - machine['p99 ms']).toFixed(1)} at p99`,
)
const [mine, peers] = [rows['known plans'], rows['FastAPI, known plans']]
if (peers !== undefined) {
  const [quicker, cheaper] = [
    mine['requests/s'] / peers['requests/s'],
    (peers['cpu ms'] ?? NaN) / (mine['cpu ms'] ?? NaN),
  ]
  console.log(
    `${quicker.toFixed(2)} × the requests/s of FastAPI, which takes ${cheaper.toFixed(2)} × the time of the processor`,
  )
}

function median(loads: readonly Row[], by: 'requests/s' | 'p99 ms'): Row {
  const sorted = loads.toSorted((a, b) => a[by] - b[by])
  return sorted[Math.floor(sorted.length / 2)] as Row
}

/** A load, with what each request cost the server. */
async function measured(pid: number, load: () => Promise<Load>, requests: number): Promise<Row> {
  const before = processorMs(pid)
  const row = await load()
  const after = processorMs(pid)
  if (before === undefined || after === undefined) return row
  return { ...row, 'cpu ms': Number(((after - before) / requests).toPrecision(3)) }
}

/** User and system time of a process, proc(5); ticks are of 10 ms. */
function processorMs(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return undefined
  }
}

/** Both servers say their port and process when they listen. */
async function started(
  command: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; port: number; pid: number }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string]
  const [port = 0, pid = 0] = line.split(' ').map(Number)
  return { child, port, pid }
}
