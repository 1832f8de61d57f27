// Kills of every stage at random instants: npx jiti bench/kills.ts [--kills 300] [--shard 1/1] [--stages synthesize,curate,train,eval]
// after npm run build. Each stage of a tiny project of the embedded world is killed without warning (SIGKILL), up to five times in a row, and then
// left to end; what it leaves behind must be that of one that was left alone, byte by byte. Ends with 1 where anything differs.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mulberry32 } from '@dda-thinker/plugin-api'

const DDA = fileURLToPath(new URL('../packages/cli/bin/dda.js', import.meta.url))
const FIXTURE = fileURLToPath(new URL('../test/fixtures/tiny-tabletop', import.meta.url))
/** Kills of one command before it may end. */
const IN_A_ROW = 5
/** With the base policy and its vocabulary, which take no preparation. */
const SET = ['--set', 'trainer={use: onnx, threads: 1, microBatch: 8, miniBatch: 8}', '--set', 'train.steps=3']

const STAGES = {
  synthesize: ['synthesize'],
  curate: ['curate', '--set', 'curator=[{use: difficulty, rollouts: 2, minStd: 0}]'],
  train: ['train', '--name', 'run'],
  eval: ['eval', '--thinker', 'none', '--thinker', 'base', '--name', 'evaluated'],
} as const satisfies Readonly<Record<string, readonly string[]>>
type Stage = keyof typeof STAGES

/** What must not depend on kills; other files hold times, or who worked on a run. */
const COMPARED =
  /(?:samples|curated|journal|metrics)\.jsonl$|scores\.json$|data\.json$|checkpoints\/step-|export\/|store\//

/** @returns seconds, and whether it was killed */
async function run(dir: string, stage: Stage, killAfterMs?: number) {
  const begun = performance.now()
  const args = [DDA, ...STAGES[stage], ...SET, '--json', '--cwd', dir]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ending = new AbortController()
  if (killAfterMs !== undefined) {
    sleep(killAfterMs, undefined, { signal: ending.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    )
  }
  await once(child, 'close')
  ending.abort()
  const killed = child.signalCode === 'SIGKILL'
  if (!killed && child.exitCode !== 0) throw new Error(`${stage} ended with ${child.exitCode}: ${said.slice(-2000)}`)
  return { ms: performance.now() - begun, killed }
}

function record(dir: string): Readonly<Record<string, string>> {
  const files = ['data', 'runs'].flatMap((part) => (existsSync(join(dir, part)) ? filesBelow(dir, part) : []))
  const compared = files.filter((path) => COMPARED.test(path) && !path.includes('.tmp-')).toSorted()
  return Object.fromEntries(
    compared.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(dir, path)))
        .digest('hex'),
    ]),
  )
}

function filesBelow(dir: string, part: string): string[] {
  return readdirSync(join(dir, part), { recursive: true, encoding: 'utf8' })
    .map((path) => `${part}/${path.replaceAll('\\', '/')}`)
    .filter((path) => statSync(join(dir, path)).isFile())
}

function differences(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) => a[path] !== b[path])
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    shard: { type: 'string', default: '1/1' },
    stages: { type: 'string', default: Object.keys(STAGES).join() },
  },
})
const [shard = 1, shards = 1] = values.shard.split('/').map(Number)
const stages = values.stages.split(',') as Stage[]
const wanted = Math.ceil(Number(values.kills) / shards / stages.length)
const random = mulberry32(shard)
const root = mkdtempSync(join(tmpdir(), 'dda-bench-kills-'))
let [kills, wrong] = [0, 0]
try {
  const folder = (name: string) => join(root, name)
  let before = folder('begin')
  cpSync(FIXTURE, before, { recursive: true })
  for (const stage of Object.keys(STAGES) as Stage[]) {
    const whole = folder(`after-${stage}`)
    cpSync(before, whole, { recursive: true })
    const { ms } = await run(whole, stage)
    const expected = record(whole)
    const counted = { kills: 0, ends: 0, different: 0 }
    while (stages.includes(stage) && counted.kills < wanted) {
      const dir = folder('killed')
      cpSync(before, dir, { recursive: true })
      let killed = true
      for (let here = 0; here < IN_A_ROW && killed && counted.kills < wanted; here += 1) {
        ;({ killed } = await run(dir, stage, (0.1 + 0.9 * random()) * ms))
        if (killed) counted.kills += 1
      }
      if (killed) await run(dir, stage)
      counted.ends += 1
      const differ = differences(expected, record(dir))
      if (differ.length > 0) {
        counted.different += 1
        console.log(`${stage}: ${differ.slice(0, 5).join(', ')} differ`)
      }
      rmSync(dir, { recursive: true })
    }
    kills += counted.kills
    wrong += counted.different
    const compared = Object.keys(expected).length
    console.log(JSON.stringify({ stage, seconds: Math.round(ms / 100) / 10, compared, ...counted }))
    before = whole
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
console.log(`${kills} kills, ${wrong} ends that differ`)
if (wrong > 0) process.exitCode = 1
