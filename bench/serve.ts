// What `dda serve` costs beside what it calls: npm run build && npx jiti bench/serve.ts [--python <of an environment with bench/peers/serve.txt>]
//
// The service runs in a process of its own over an Editor, a judge and a reward that take no time. New plans at 500 requests/s, open loop: each is edited,
// stored, judged and journaled. Plans that were scored before, as fast as 64 callers can: found and journaled. Beside the latter a FastAPI server on uvicorn, which
// computes the same checklist reward from verdicts that it holds in memory, and writes nothing. Then 10^4 requests at once. `cpu ms` is the time of the
// server's process a request (Linux only): what stays comparable where the machine does other things besides.
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
const score = (plan: (index: number) => string) =>
  sender(url, '/v1/score', (index) => ({ plan: plan(index), sampleId: 'sample', seed: 1 }))

const fresh = score((index) => `Put plan ${index} where it belongs.`)
// Until its code is compiled and the folders of the store are there.
await closedLoop(fresh, 16, 6000)
rows['new plans, 500/s'] = await measured(
  pid,
  () => openLoop((index) => fresh(1e6 + index), 500, seconds),
  500 * seconds,
)
rows['10,000 at once'] = await measured(pid, () => closedLoop((index) => fresh(2e6 + index), 1e4, 1e4), 1e4)
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
rows['known plans'] = median(ours)
if (other !== undefined) rows['FastAPI, known plans'] = median(theirs)
await known.close()
await other?.close()
for (const one of [child, peer?.child]) one?.stdin?.end()
console.table(rows)
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

function median(loads: readonly Row[]): Row {
  const sorted = loads.toSorted((a, b) => a['requests/s'] - b['requests/s'])
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
