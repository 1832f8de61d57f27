// The reward service over roles that take no time, for bench/serve.ts; says its port and process when it listens, ends with its standard input.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { completeConfig } from '@dda-thinker/config'
import { assemble } from '@dda-thinker/core'
import { openWorkspace, withScoring } from '@dda-thinker/runs'
import { createRewardService } from '@dda-thinker/serve'
import { instantPlugins, PNG } from '../instant-plugins.ts'

const ITEMS = ['c1', 'c2', 'v1', 'v2'] as const
const instant = instantPlugins({
  plan: () => '',
  edit: ({ plan }) => Buffer.concat([PNG, Buffer.from(plan)]),
  reward: () => ({ total: 1, components: {}, items: [], extras: { constant: 1 } }),
})

const root = mkdtempSync(join(tmpdir(), 'dda-bench-serve-'))
const stop = new AbortController()
process.stdin.on('end', () => stop.abort()).resume()
try {
  const use = { use: 'instant' }
  const config = completeConfig({ editor: use, judge: [use], reward: use })
  const assembly = await assemble(config, { cwd: root, plugins: { instant } })
  const workspace = await openWorkspace(config, root, { shared: true })
  const image = await workspace.images.put(PNG)
  const question = { question: 'Is it there?', expected: 'yes' }
  mkdirSync(join(root, 'data'), { recursive: true })
  const sample = {
    id: 'sample',
    images: [image],
    instruction: 'Put things where they belong.',
    category: 'spatial',
    reference: 'All is in its place.',
    checklist: ITEMS.map((id) => ({ id, scope: id.startsWith('c') ? 'cognitive' : 'visual', ...question })),
    split: 'train',
    provenance: { plugin: 'bench', seed: 0 },
  }
  const runDir = join(root, 'runs', 'serve')
  const signals = { signal: stop.signal }
  await withScoring(assembly, { workspace, runDir, printable: config, ...signals }, {}, async (scoring) => {
    await scoring.samples.admit(sample as never)
    const { http, scorer } = await createRewardService({ scoring, images: workspace.images })
    const { port } = await http.listen()
    http.ready()
    process.stdout.write(`${port} ${process.pid}\n`)
    await http.until(stop.signal)
    await scorer.settled()
  })
  await assembly.dispose()
  await workspace.close()
} finally {
  rmSync(root, { recursive: true, force: true })
}
