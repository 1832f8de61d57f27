// Memory of the way that data takes: rows imported, curated by rollouts, exported to Parquet, at 10^4 and 10^5 samples. Plugins take no
// time; pictures are all different, and so is what a curator has to remember.
//
//   npm run build && npx jiti bench/data.ts [sizes...]
//
// Each size runs in a process of its own, so that memory is not inherited. Set TMPDIR to a folder in memory to leave the disk out.
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveUniform } from '@dda-thinker/plugin-api'
import { assemble } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { curate, exportSamples, findData, openWorkspace, synthesize } from '@dda-thinker/runs'
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

async function measure(root: string): Promise<void> {
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
  const row: Record<string, number | string> = {}
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const peak = { rss: 0, heapUsed: 0, external: 0 }
    const look = () => {
      const now = process.memoryUsage()
      for (const key of ['rss', 'heapUsed', 'external'] as const) peak[key] = Math.max(peak[key], now[key])
    }
    const timer = setInterval(look, 20)
    const start = performance.now()
    const result = await work()
    clearInterval(timer)
    row[`${name} s`] = Math.round((performance.now() - start) / 100) / 10
    row[`${name} RSS MiB`] = Math.round(peak.rss / MiB)
    row[`${name} heap MiB`] = Math.round(peak.heapUsed / MiB)
    row[`${name} external MiB`] = Math.round(peak.external / MiB)
    return result
  }
  const { samples } = await phase('import', () => synthesize(assembly, { workspace }))
  const { kept, dropped } = await phase('curate', () => curate(assembly, { workspace }))
  const to = join(root, 'samples.parquet')
  const { file } = await findData(workspace.paths)
  await phase('export', () => exportSamples({ from: file, to, images: workspace.images }))
  const sizes = { 'file MiB': Math.round(statSync(to).size / MiB), 'cache index MiB': workspace.cache.memory / MiB }
  console.log(JSON.stringify({ samples, kept, dropped, ...row, ...sizes }))
  await assembly.dispose()
  await workspace.close()
}

const [mode, given] = process.argv.slice(2)
if (mode === '--in' && given !== undefined) {
  await measure(given)
} else {
  const sizes = process.argv.slice(2).map(Number)
  for (const size of sizes.length === 0 ? [1e4, 1e5] : sizes) {
    const root = mkdtempSync(join(tmpdir(), 'dda-bench-data-'))
    try {
      await writeRows(join(root, 'rows.jsonl'), size)
      const jiti = fileURLToPath(new URL('../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
      spawnSync(
        process.execPath,
        [`--max-old-space-size=${HEAP_MIB}`, jiti, fileURLToPath(import.meta.url), '--in', root],
        { stdio: 'inherit' },
      )
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
}
