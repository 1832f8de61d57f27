// How busy the engine keeps a slow Editor: replicas whose latency is log-normal, a judge that takes a third of it, and the same
// work in stage barriers (edit a batch, then judge it) as the peer, in the same process one after the other.
//
//   npm run build -- packages/core && npx jiti bench/utilisation.ts [--replicas 8] [--rollouts 512] [--median 60] [--repeats 3]
//
// Two builds are compared by processes in turn, at rest: other work on the cores moves the figures by more than builds do.
//
// Latencies are drawn by rollout, so both sides have the same work; what a timer of the busy machine adds counts as latency.
// The ideal makespan is that of the latencies as they were, each given to the first free replica with nothing in between.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  deriveUniform,
  API_VERSION,
  definePlugin,
  definePluginSet,
  EDITOR,
  JUDGES,
  REWARD,
  THINKER,
  Type,
  type EditRequest,
  type ImageRef,
  type Sample,
} from '@dda-thinker/plugin-api'
import { assemble, createEngine, editorSeed, type RolloutRequest } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { openWorkspace, type Workspace } from '@dda-thinker/runs'

const { values } = parseArgs({
  options: {
    replicas: { type: 'string', default: '8' },
    rollouts: { type: 'string', default: '512' },
    median: { type: 'string', default: '60' },
    batch: { type: 'string', default: '128' },
    repeats: { type: 'string', default: '3' },
  },
})
const REPLICAS = Number(values.replicas)
const ROLLOUTS = Number(values.rollouts)
const MEDIAN = Number(values.median)
const BATCH = Number(values.batch)
/** Of the logarithm of the latency: one edit in twenty takes more than 2.3 times the median. */
const SIGMA = 0.5

/** A 1 x 1 PNG. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC',
  'base64',
)

/** Milliseconds; log-normal by Box and Muller, seeded by the name. */
function latency(name: string, median: number): number {
  const [a, b] = [1 - deriveUniform('a', name), deriveUniform('b', name)]
  return median * Math.exp(SIGMA * Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b))
}

/** When each edit began and how long it took, in the order in which they began. */
let edits: { readonly began: number; took: number }[] = []

async function edit({ plan }: EditRequest): Promise<{ bytes: Uint8Array }> {
  const entry = { began: performance.now(), took: 0 }
  edits.push(entry)
  await wait(latency(`edit ${plan}`, MEDIAN))
  entry.took = performance.now() - entry.began
  return { bytes: Buffer.concat([PNG, Buffer.from(plan)]) }
}

const judgeFor = (text: string): Promise<void> => wait(latency(`judge ${text}`, MEDIAN / 3))

const none = Type.Object({}, { additionalProperties: false })
const role = (name: string, setup: Parameters<typeof definePlugin>[0]['setup']) =>
  definePlugin({ name, apiVersion: API_VERSION, options: none, setup })

const timed = definePluginSet({
  thinker: role('timed-thinker', (api) =>
    api.provide(THINKER, () => ({
      fingerprint: 'instant',
      async *plan(requests) {
        for (const { id, input, seed } of requests) {
          const plan = { text: `plan ${id}`, reasoning: '', executable: `plan ${id}`, format: { ok: true } as const }
          yield { id, plan: { id, sampleId: input.id, ...plan, thinker: 'instant', policyVersion: 0, seed } }
        }
      },
    })),
  ),
  editor: role('timed-editor', (api) =>
    api.provide(EDITOR, () => ({
      fingerprint: 'timed',
      // What costs money reaches the disk first; here it is as dear as with a real one.
      supports: { determinism: 'visual', concurrency: REPLICAS, maxImages: 1 } as const,
      edit,
    })),
  ),
  judge: role('timed-judge', (api) =>
    api.contribute(JUDGES, () => ({
      fingerprint: 'timed',
      scopes: ['cognitive', 'visual'] as const,
      concurrency: REPLICAS,
      async judge(request) {
        await judgeFor(request.scope === 'cognitive' ? request.plan : request.edited.hash)
        return request.items.map(({ id }) => ({ itemId: id, answer: 'yes' as const, judge: 'timed' }))
      },
    })),
  ),
  reward: role('timed-reward', (api) =>
    api.provide(REWARD, () => ({
      fingerprint: 'timed',
      decompose: () => ({ total: 1, components: {}, items: [], extras: { all: 1 } }),
    })),
  ),
})

interface Measured {
  /** Milliseconds from the first edit's begin, or the run's, to the last judgement. */
  readonly makespan: number
  readonly ideal: number
  /** Share of the replicas' time, until the last judgement, in which they worked. */
  readonly busy: number
}

function measured(began: number): Measured {
  const makespan = performance.now() - began
  const free = Array.from({ length: REPLICAS }, () => 0)
  for (const { took } of edits) {
    const first = free.indexOf(Math.min(...free))
    free[first] = (free[first] ?? 0) + took
  }
  const work = edits.reduce((sum, { took }) => sum + took, 0)
  return { makespan, ideal: Math.max(...free), busy: work / (REPLICAS * makespan) }
}

async function withEngine(repeat: number): Promise<Measured> {
  const root = mkdtempSync(join(tmpdir(), 'dda-bench-'))
  const block = { use: 'timed' }
  const config = completeConfig({
    thinker: block,
    editor: block,
    judge: [block],
    reward: block,
    engine: { concurrency: { edit: REPLICAS, judge: REPLICAS } },
  })
  const assembly = await assemble(config, { cwd: root, plugins: { timed } })
  const workspace = await openWorkspace(config, root)
  const { images, cache } = workspace
  const engine = createEngine(assembly, {
    thinker: assembly.resolve(THINKER),
    images,
    cache,
    seed: 1,
    planBatch: BATCH,
  })
  const wanted = requests(repeat, await images.put(PNG))
  edits = []
  const began = performance.now()
  for await (const { outcome } of engine.run(wanted)) if (outcome.kind !== 'scored') throw new Error(outcome.kind)
  const result = measured(began)
  await close(workspace, root)
  await assembly.dispose()
  return result
}

/** The same calls and the same store, batch by batch and stage by stage, without caches, journals or hooks. */
async function withBarriers(repeat: number): Promise<Measured> {
  const root = mkdtempSync(join(tmpdir(), 'dda-bench-'))
  const workspace = await openWorkspace(completeConfig({}), root)
  const { images } = workspace
  const wanted = requests(repeat, await images.put(PNG))
  edits = []
  const began = performance.now()
  for (let first = 0; first < wanted.length; first += BATCH) {
    const batch = wanted.slice(first, first + BATCH)
    const plans = batch.map(({ id }) => `plan ${id}`)
    const pictures = await pooled(batch, async ({ sample }, index) => {
      const request = { images: sample.images, plan: plans[index] ?? '', seed: editorSeed(1, sample.id) }
      return images.put((await edit(request)).bytes, { durable: true })
    })
    await pooled([...plans, ...pictures.map(({ hash }) => hash)], judgeFor)
  }
  const result = measured(began)
  await close(workspace, root)
  return result
}

/** At most so many at once as there are replicas. */
async function pooled<T, U>(items: readonly T[], work: (item: T, index: number) => Promise<U>): Promise<U[]> {
  const results: U[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: REPLICAS }, worker))
  return results
}

async function close(workspace: Workspace, root: string): Promise<void> {
  await workspace.close()
  rmSync(root, { recursive: true, force: true })
}

function requests(repeat: number, image: ImageRef): RolloutRequest[] {
  return Array.from({ length: ROLLOUTS }, (_, index) => {
    const sample = makeSample(index >> 2, image)
    const id = `${repeat}/${sample.id}/${index % 4}`
    return { id, sample, group: sample.id, member: index % 4, step: 1, planSeed: index }
  })
}

function makeSample(index: number, image: ImageRef): Sample {
  return {
    id: `sample-${index}`,
    images: [image],
    instruction: 'Put things where they belong.',
    category: 'spatial',
    reference: 'All is in its place.',
    checklist: [
      { id: 'c', scope: 'cognitive', question: 'Does it say where?', expected: 'yes' },
      { id: 'v', scope: 'visual', question: 'Is it there?', expected: 'yes' },
    ],
    split: 'train',
    provenance: { plugin: 'bench', seed: 0 },
  }
}

const rows = []
for (let repeat = 0; repeat < Number(values.repeats); repeat += 1) {
  for (const [who, run] of [
    ['engine', withEngine],
    ['stage barriers', withBarriers],
  ] as const) {
    const { makespan, ideal, busy } = await run(repeat)
    rows.push({
      who,
      'makespan s': Number((makespan / 1000).toFixed(2)),
      'ideal s': Number((ideal / 1000).toFixed(2)),
      'ideal / makespan %': Number(((100 * ideal) / makespan).toFixed(1)),
      'replicas busy %': Number((100 * busy).toFixed(1)),
    })
  }
}
console.table(rows)
