// The reward service over roles that take no time, in a folder of its own.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { completeConfig } from '@dda-thinker/config'
import { assemble } from '@dda-thinker/core'
import { openWorkspace, withScoring } from '@dda-thinker/runs'
import { createRewardService, type RewardService } from '@dda-thinker/serve'
import { instantPlugins, PNG } from '../instant-plugins.ts'

const ITEMS = ['c1', 'c2', 'v1', 'v2'] as const

/** Opens it with one sample, `sample`, and closes it when the work is done. */
export async function withInstantService(
  work: (service: RewardService) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const instant = instantPlugins({
    plan: () => '',
    edit: ({ plan }) => Buffer.concat([PNG, Buffer.from(plan)]),
    reward: () => ({ total: 1, components: {}, items: [], extras: { constant: 1 } }),
  })
  const root = mkdtempSync(join(tmpdir(), 'dda-bench-serve-'))
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
    const signals = signal === undefined ? {} : { signal }
    await withScoring(assembly, { workspace, runDir, printable: config, ...signals }, {}, async (scoring) => {
      await scoring.samples.admit(sample as never)
      const service = await createRewardService({ scoring, images: workspace.images })
      await work(service)
      await service.scorer.settled()
    })
    await assembly.dispose()
    await workspace.close()
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
