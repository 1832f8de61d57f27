// What the engine itself costs: CPU for one rollout and resident memory, from 10^3 to 10^5 rollouts, with plugins that take
// no time. Every rollout is edited (no two plans are equal), stored, cached, judged twice and journaled, as in a real run.
//
//   npm run build -- packages/core && npx jiti bench/engine.ts [sizes...]
//
// Each size runs in a process of its own, so that memory is not inherited.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { THINKER, type ImageRef, type Sample } from '@dda-thinker/plugin-api'
import { AppendLog } from '@dda-thinker/store'
import { assemble, createEngine, type Engine, type RolloutRequest } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { openWorkspace } from '@dda-thinker/runs'
import { instantPlugins, PNG } from './instant-plugins.ts'

const instant = instantPlugins({
  plan: ({ id }, seed) => `Put the ${id} where ${seed} belongs.`,
  edit: ({ plan }) => Buffer.concat([PNG, Buffer.from(plan)]),
  reward: () => ({ total: 1, components: {}, items: [], extras: { constant: 1 } }),
})

const MiB = 2 ** 20
/** Samples of the project, few so that what grows with the rollouts shows. */
const SAMPLES = 1000

async function measure(count: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'dda-bench-'))
  try {
    const use = { use: 'instant' }
    const config = completeConfig({ thinker: use, editor: use, judge: [use], reward: use })
    const assembly = await assemble(config, { cwd: root, plugins: { instant } })
    // A small picture memory fills early, so that what else grows would show.
    const workspace = await openWorkspace(config, root, { memory: 4 * MiB })
    const journal = await AppendLog.open(join(root, 'journal.jsonl'))
    const image = await workspace.images.put(PNG)
    const samples = Array.from({ length: SAMPLES }, (_, index) => makeSample(index, image))
    const engine = createEngine(assembly, {
      thinker: assembly.resolve(THINKER),
      images: workspace.images,
      cache: workspace.cache,
      seed: 1,
    })
    // Compiled code and filled pools are not what is measured.
    await consume(engine, journal, requests(samples, 0, 2000))
    const before = memory()
    const cpu = process.cpuUsage()
    const start = performance.now()
    const peak = await consume(engine, journal, requests(samples, 2000, count))
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const after = memory()
    const row = {
      rollouts: count,
      'CPU ms/rollout': (user + system) / 1000 / count,
      'of it in the kernel': system / 1000 / count,
      'rollouts/s': count / seconds,
      'heap before MiB': before.heap / MiB,
      'heap after MiB': after.heap / MiB,
      'RSS peak MiB': peak / MiB,
      'pictures kept MiB': workspace.images.memory / MiB,
      'cache index MiB': workspace.cache.memory / MiB,
    }
    console.log(JSON.stringify(row))
    await journal.close()
    await assembly.dispose()
    await workspace.close()
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function consume(engine: Engine, journal: AppendLog, wanted: Iterable<RolloutRequest>): Promise<number> {
  let peak = 0
  let done = 0
  for await (const rollout of engine.run(wanted)) {
    journal.append(JSON.stringify(rollout))
    done += 1
    if (done % 500 !== 0) continue
    await journal.flush()
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  return peak
}

/** Steps of groups of four over the samples; every seed, and so every plan, is another. */
function* requests(samples: readonly Sample[], first: number, count: number): Generator<RolloutRequest, void, void> {
  for (let index = first; index < first + count; index += 1) {
    const sample = samples[Math.floor(index / 4) % samples.length]
    if (sample === undefined) return
    const step = Math.floor(index / 128)
    const group = `${step}/${sample.id}`
    yield { id: `${index}`, sample, group, member: index % 4, step, planSeed: index }
  }
}

function makeSample(index: number, image: ImageRef): Sample {
  const item = { question: 'Is it there?', expected: 'yes' } as const
  return {
    id: `sample-${index}`,
    images: [image],
    instruction: 'Put things where they belong.',
    category: 'spatial',
    reference: 'All is in its place.',
    checklist: [
      { id: 'c1', scope: 'cognitive', ...item },
      { id: 'c2', scope: 'cognitive', ...item },
      { id: 'v1', scope: 'visual', ...item },
      { id: 'v2', scope: 'visual', ...item },
    ],
    split: 'train',
    provenance: { plugin: 'bench', seed: 0 },
  }
}

function memory(): { heap: number } {
  global.gc?.()
  return { heap: process.memoryUsage().heapUsed }
}

if (process.env['DDA_BENCH_SIZE'] !== undefined) {
  await measure(Number(process.env['DDA_BENCH_SIZE']))
} else {
  const sizes = process.argv.slice(2).map(Number)
  const rows = (sizes.length > 0 ? sizes : [1e3, 1e4, 1e5]).map((size) => {
    const child = spawnSync('npx', ['jiti', fileURLToPath(import.meta.url)], {
      env: { ...process.env, DDA_BENCH_SIZE: String(size), NODE_OPTIONS: '--expose-gc' },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    })
    if (child.status !== 0) throw new Error(`${fileURLToPath(import.meta.url)} failed for ${size} rollouts`)
    const row = JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value.toPrecision(3))]))
  })
  console.table(rows)
}
