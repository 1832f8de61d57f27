// Memory of the way that data takes: rows imported, curated by rollouts, exported to Parquet, at 10^4 and 10^5 samples. Plugins take no
// time; pictures are all different, and so is what a curator has to remember.
//
//   npm run build && npx jiti bench/data.ts [sizes...]
//
// Each command of each size runs in a process of its own, as people run them: memory is not inherited. Set TMPDIR to a folder in memory to leave the disk out.
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveUniform } from '@dda-thinker/plugin-api'
import { assemble, type Assembly } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { curate, exportSamples, findData, openWorkspace, synthesize, type Workspace } from '@dda-thinker/runs'
import curator from '@dda-thinker/curator-difficulty'
import dataset from '@dda-thinker/synthesizer-dataset'
import { instantPlugins, PNG } from './instant-plugins.ts'

const MiB = 2 ** 20
/** V8 lets garbage pile up to a multiple of what lives; a bound on the heap shows what is needed. */
const HEAP_MIB = 128

const PICTURE_BYTES = 4096

/** One plan for all, one edit for all; rewards by chance, so that a band has something to keep and to drop. */
const instant = instantPlugins({
  plan: () => 'Put it where it belongs.',
  edit: () => PNG,
  reward: (planId) => {
    const total = deriveUniform('reward', planId)
    return { total, components: {}, items: [], extras: { chance: total } }
  },
})

async function writeRows(file: string, count: number): Promise<void> {
  const out = createWriteStream(file)
  const checklist = [
    { scope: 'cognitive', question: 'Does the plan say where it belongs?' },
    { scope: 'visual', question: 'Is it where it belongs?' },
  ]
  for (let n = 0; n < count; n += 1) {
    const picture = Buffer.alloc(PICTURE_BYTES, `${n} `)
    PNG.copy(picture)
    const row = {
      id: `sample-${n}`,
      image: `data:image/png;base64,${picture.toString('base64')}`,
      instruction: `Show what becomes of object ${n}.`,
      category: ['temporal', 'causal', 'spatial', 'logical'][n % 4],
      checklist,
      split: n % 20 === 0 ? 'test' : 'train',
    }
    if (!out.write(`${JSON.stringify(row)}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

const PHASES = ['import', 'curate', 'export'] as const

/** What one command takes, in this process alone. */
async function measure(phase: string, root: string): Promise<void> {
  const use = { use: 'instant' }
  const config = completeConfig({
    thinker: use,
    editor: use,
    judge: [use],
    reward: use,
    synthesizer: [{ use: 'dataset', path: join(root, 'rows.jsonl') }],
    curator: [{ use: 'difficulty', rollouts: 2, minStd: 0.05 }],
    synthesize: { count: { train: 1e9, 'held-out': 1e9 } },
  })
  const assembly = await assemble(config, { cwd: root, plugins: { instant, dataset, difficulty: curator } })
  // A small picture memory fills early, so that what else grows would show.
  const workspace = await openWorkspace(config, root, { memory: 8 * MiB })
  const peak = { rss: 0, heapUsed: 0, external: 0 }
  const look = () => {
    const now = process.memoryUsage()
    for (const key of ['rss', 'heapUsed', 'external'] as const) peak[key] = Math.max(peak[key], now[key])
  }
  const timer = setInterval(look, 20)
  const start = performance.now()
  const result = await work(phase, root, assembly, workspace)
  clearInterval(timer)
  const [seconds, mib] = [(performance.now() - start) / 1000, (bytes: number) => Math.round(bytes / MiB)]
  console.log(
    JSON.stringify({
      phase,
      ...result,
      seconds: Math.round(seconds * 10) / 10,
      'RSS MiB': mib(peak.rss),
      'heap MiB': mib(peak.heapUsed),
      'external MiB': mib(peak.external),
      'cache index MiB': mib(workspace.cache.memory),
    }),
  )
  await assembly.dispose()
  await workspace.close()
}

async function work(phase: string, root: string, assembly: Assembly, workspace: Workspace) {
  if (phase === 'import') {
    const { samples } = await synthesize(assembly, { workspace })
    return { samples }
  }
  if (phase === 'curate') {
    const { kept, dropped } = await curate(assembly, { workspace })
    return { kept, dropped }
  }
  const to = join(root, 'samples.parquet')
  const { file } = await findData(workspace.paths)
  await exportSamples({ from: file, to, images: workspace.images })
  return { 'file MiB': Math.round(statSync(to).size / MiB) }
}

const [mode, phase, given] = process.argv.slice(2)
if (mode === '--in' && phase !== undefined && given !== undefined) {
  await measure(phase, given)
} else {
  const sizes = process.argv.slice(2).map(Number)
  const jiti = fileURLToPath(new URL('../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
  for (const size of sizes.length === 0 ? [1e4, 1e5] : sizes) {
    const root = mkdtempSync(join(tmpdir(), 'dda-bench-data-'))
    try {
      await writeRows(join(root, 'rows.jsonl'), size)
      console.log(`${size} samples`)
      for (const name of PHASES) {
        const args = [`--max-old-space-size=${HEAP_MIB}`, jiti, fileURLToPath(import.meta.url), '--in', name, root]
        const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
        if (status !== 0) throw new Error(`${name} of ${size} samples ended with ${status}`)
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
}
