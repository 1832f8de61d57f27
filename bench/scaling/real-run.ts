// A small real run of the service's engine over Editors and judges that take time, and what each call took.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { completeConfig } from '@dda-thinker/config'
import { assemble } from '@dda-thinker/core'
import { readPlan } from '@dda-thinker/plan-text'
import {
  API_VERSION,
  definePlugin,
  definePluginSet,
  EDITOR,
  JUDGES,
  REWARD,
  type Sample,
  SCOPES,
  Type,
} from '@dda-thinker/plugin-api'
import { openWorkspace, withScoring } from '@dda-thinker/runs'
import { PNG } from '../instant-plugins.ts'
import type { Draw } from './simulate.ts'

export interface RealWorld {
  readonly editSlots: number
  readonly judgeSlots: number
  readonly edit: Draw
  readonly judge: Draw
}

export interface RealRun {
  readonly seconds: number
  readonly waits: readonly number[]
  /** Seconds that each call took, as its caller sees it. */
  readonly edits: readonly number[]
  readonly judgements: readonly number[]
  /** Seconds of the processor a rollout. */
  readonly overhead: number
}

const none = Type.Object({}, { additionalProperties: false })

/** @param arrivals seconds, in order: each a plan of its own */
export async function realRun(world: RealWorld, arrivals: readonly number[]): Promise<RealRun> {
  const [edits, judgements, waits]: number[][] = [[], [], []]
  const timed = async (draw: Draw, into: number[] | undefined): Promise<void> => {
    const begun = performance.now()
    await sleep(draw() * 1000)
    into?.push((performance.now() - begun) / 1000)
  }
  const slow = definePluginSet({
    editor: definePlugin({
      name: 'slow-editor',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.provide(EDITOR, () => ({
          fingerprint: 'slow',
          supports: { determinism: 'bitwise', concurrency: world.editSlots, maxImages: 1 } as const,
          async edit({ plan }) {
            await timed(world.edit, edits)
            return { bytes: Buffer.concat([PNG, Buffer.from(plan)]) }
          },
        })),
    }),
    judge: definePlugin({
      name: 'slow-judge',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.contribute(JUDGES, () => ({
          fingerprint: 'slow',
          scopes: SCOPES,
          concurrency: world.judgeSlots,
          async judge({ items }) {
            await timed(world.judge, judgements)
            return items.map(({ id }) => ({ itemId: id, answer: 'yes' as const, judge: 'slow' }))
          },
        })),
    }),
    reward: definePlugin({
      name: 'slow-reward',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.provide(REWARD, () => ({
          fingerprint: 'slow',
          decompose: () => ({ total: 1, components: {}, items: [], extras: { constant: 1 } }),
        })),
    }),
  })
  const root = mkdtempSync(join(tmpdir(), 'dda-bench-scaling-'))
  try {
    const use = { use: 'slow' }
    const config = completeConfig({ editor: use, judge: [use], reward: use })
    const assembly = await assemble(config, { cwd: root, plugins: { slow } })
    const workspace = await openWorkspace(config, root, { shared: true })
    const image = await workspace.images.put(PNG)
    const item = { question: 'Is it there?', expected: 'yes' } as const
    const sample: Sample = {
      id: 'sample',
      images: [image],
      instruction: 'Put things where they belong.',
      category: 'spatial',
      reference: 'All is in its place.',
      checklist: SCOPES.map((scope) => ({ id: scope, scope, ...item })),
      split: 'train',
      provenance: { plugin: 'bench', seed: 0 },
    }
    let seconds = 0
    const before = process.cpuUsage()
    await withScoring(
      assembly,
      { workspace, runDir: join(root, 'runs', 'serve'), printable: config },
      {},
      async (scoring) => {
        const begun = performance.now()
        const one = async (at: number, index: number): Promise<void> => {
          await sleep(at * 1000 - (performance.now() - begun))
          const plan = readPlan(`<look></look><plan>Put plan ${index} where it belongs.</plan>`)
          await scoring.score({ sample, plan, seed: 1, group: 'all', member: index, step: 0 })
          waits?.push((performance.now() - begun) / 1000 - at)
        }
        await Promise.all(arrivals.map(one))
        seconds = (performance.now() - begun) / 1000 - (arrivals[0] ?? 0)
      },
    )
    const used = process.cpuUsage(before)
    await assembly.dispose()
    await workspace.close()
    const overhead = (used.user + used.system) / 1e6 / arrivals.length
    return { seconds, waits: waits ?? [], edits: edits ?? [], judgements: judgements ?? [], overhead }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
