// Memory and time of commands over very many samples that share one picture: npx jiti bench/scale.ts [--sizes 100000,1000000]
// [--phases train,curate,eval,edit,show,report,compare,reedit,rejudge] [--heap MiB] [--reasoning characters] after npm run build. Plugins take no time. `train`
// reads and checks every sample and does a few steps; `curate` tries one rollout of each; `eval` asks two Thinkers about half of the
// samples each, so as many rollouts as samples; `edit` makes one, and looks for its checklist among all samples; `show`, `report` and
// `compare` read what `eval` recorded, `show` as of a run that has no scores; `reedit` and `rejudge` take its plans, or plans and edits,
// once more. Each runs in a process of its own, its heap unbounded as a user's unless --heap says so: a phase that needs more aborts.
// Set TMPDIR to a folder in memory to leave the disk out.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  API_VERSION,
  definePlugin,
  deriveUniform,
  type ImageRef,
  type Sample,
  type Thinker,
  type Trainer,
  TRAINER,
  Type,
} from '@dda-thinker/plugin-api'
import { assemble } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import {
  curate,
  evaluate,
  listArms,
  listSamples,
  listSamplesOf,
  editOnce,
  openWorkspace,
  readCauses,
  readRun,
  readRunSpending,
  readScores,
  reedit,
  rejudge,
  train,
  type Workspace,
} from '@dda-thinker/runs'
import { compareEvaluations, summariseEvaluation } from '@dda-thinker/evaluation'
import { collectReport, renderReport } from '@dda-thinker/report'
import curator from '@dda-thinker/curator-difficulty'
import { instantPlugins, PNG } from './instant-plugins.ts'

const MiB = 2 ** 20
const STEPS = 3
/** Characters that each evaluated plan has besides: what makes a line of the journal long. */
const REASONING = Number(process.argv[2] === '--in' ? process.argv[5] : 0)

const PHASES = ['train', 'curate', 'eval', 'edit', 'show', 'report', 'compare', 'reedit', 'rejudge'] as const
type Phase = (typeof PHASES)[number]

const instant = instantPlugins({
  plan: () => 'Put it where it belongs.',
  edit: () => PNG,
  reward: (planId) => {
    const total = deriveUniform('reward', planId)
    return { total, components: {}, items: [], extras: { chance: total } }
  },
})

/** A policy that learns nothing, and says so. */
const trainer = definePlugin({
  name: 'instant-trainer',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup: (api) =>
    api.provide(TRAINER, (): Trainer => {
      let policyVersion = 0
      const thinker: Thinker = {
        fingerprint: 'instant',
        async *plan(requests) {
          for (const { id, input, seed } of requests) {
            const text = 'Put it where it belongs.'
            const written = { text, reasoning: '', executable: text, format: { ok: true } as const }
            yield { id, plan: { id, sampleId: input.id, ...written, thinker: 'instant', policyVersion, seed } }
          }
        },
      }
      return {
        fingerprint: 'instant',
        supports: {
          estimators: ['grpo'],
          critic: false,
          groupCentre: [],
          streams: [],
          images: false,
          lora: false,
          klPlace: [],
          lossAggregation: [],
        },
        thinker,
        get policyVersion() {
          return policyVersion
        },
        update: async ({ step }) => ({ step, policyVersion: ++policyVersion, metrics: {} }),
        save: async () => undefined,
        load: async () => undefined,
      }
    }),
})

function sampleOf(n: number, image: ImageRef): Sample {
  return {
    id: `sample-${n}`,
    images: [image],
    instruction: `Show what becomes of object ${n} once it has been left where it is for a while, and of nothing else.`,
    category: ['temporal', 'causal', 'spatial', 'logical'][n % 4] ?? 'temporal',
    reference: `Object ${n} has changed as such things do; everything around it is as it was.`,
    checklist: [
      { id: 'c1', scope: 'cognitive', question: `Does the plan name object ${n}?`, expected: 'yes' },
      { id: 'v1', scope: 'visual', aspect: 'change', question: `Has object ${n} changed?`, expected: 'yes' },
    ],
    split: n % 20 === 0 ? 'held-out' : 'train',
    provenance: { plugin: 'scale', seed: n },
  }
}

const use = { use: 'instant' }
const configOf = (phase: Phase) =>
  completeConfig({
    thinker: use,
    editor: use,
    judge: [use],
    reward: use,
    ...(phase === 'train' ? { trainer: { use: 'instant-trainer' } } : {}),
    curator: [{ use: 'difficulty', rollouts: 1, minStd: 0 }],
    train: { samplesPerStep: 32, groupSize: 4, checkpointEvery: STEPS },
  })

async function writeSamples(root: string, count: number): Promise<void> {
  const workspace = await openWorkspace(configOf('curate'), root)
  const image = await workspace.images.put(PNG)
  mkdirSync(workspace.paths.dataDir, { recursive: true })
  const out = createWriteStream(workspace.paths.samples)
  for (let n = 0; n < count; n += 1) {
    if (!out.write(`${JSON.stringify(sampleOf(n, image))}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  await workspace.close()
}

/** Writes the same plan about everything; the reward follows from the plan's id. */
function evaluated(name: string): Thinker {
  const text = 'Put it where it belongs.'
  const reasoning = 'It is out of place. '.repeat(REASONING / 20)
  return {
    fingerprint: name,
    cacheable: true,
    async *plan(requests) {
      for (const { id, input, seed } of requests) {
        const written = { text, reasoning, executable: text, format: { ok: true } as const }
        yield { id, plan: { id, sampleId: input.id, ...written, thinker: name, policyVersion: 0, seed } }
      }
    },
  }
}

/** What the command does, and how far it came. */
async function work(
  phase: Phase,
  root: string,
  assembly: Awaited<ReturnType<typeof assemble>>,
  workspace: Workspace,
): Promise<string> {
  const runDir = join(root, 'runs/evaluated')
  if (phase === 'train') {
    return (await train(assembly, { workspace, runDir: join(root, 'runs/scale'), steps: STEPS })).state
  }
  if (phase === 'curate') return (await curate(assembly, { workspace })).state
  if (phase === 'eval') {
    const all = await listSamples(workspace.paths)
    const samples = await listSamples(workspace.paths, { limit: all.length / 2 })
    const thinkers = ['none', 'base'].map((name) => ({ name, thinker: evaluated(name), needs: [] }))
    return (await evaluate(assembly, { workspace, runDir, thinkers, samples })).state
  }
  if (phase === 'edit') {
    // Words of no sample: all of them are looked through.
    const given = { workspace, image: PNG, instruction: 'Show it in a month.' }
    const thinker = { name: 'none', thinker: evaluated('none'), needs: [] }
    return (await editOnce(assembly, { ...given, thinker })).rollout.outcome.kind
  }
  const evaluation = await readRun(runDir)
  if (phase === 'show') {
    const causes = Object.keys(
      await readCauses({ ...evaluation, status: { ...evaluation.status, state: 'interrupted' } }),
    ).length
    const { rows } = await readRunSpending(evaluation.dir)
    const arms = Object.keys((await readScores(evaluation.dir)) ?? {}).length
    return `${evaluation.status.step} of ${evaluation.status.steps}, ${arms} arms, ${causes} causes, ${rows.length} rows of spending`
  }
  if (phase === 'reedit' || phase === 'rejudge') {
    const again = { reedit, rejudge }[phase]
    return (await again(assembly, { workspace, source: evaluation, runDir: join(root, 'runs', phase) })).state
  }
  if (phase === 'report') {
    const input = await collectReport({ workspace, evaluation })
    const page = await renderReport(input, { image: async () => undefined })
    return `${input.samples.length} samples, page of ${page.length} characters`
  }
  const [a, b] = (await listArms(evaluation)).values()
  if (a === undefined || b === undefined) throw new RangeError('there are not two Thinkers')
  const samples = await listSamplesOf(evaluation, [a], workspace.paths)
  const [before, after] = [a, b].map(({ rollouts }) => summariseEvaluation(rollouts, samples))
  const { pairs } = compareEvaluations(a.rollouts, b.rollouts, samples)
  return `${pairs} pairs, ${before?.solved.value} and ${after?.solved.value} solved`
}

async function measure(phase: Phase, root: string): Promise<void> {
  const config = configOf(phase)
  const plugins = { instant, 'instant-trainer': trainer, difficulty: curator }
  const assembly = await assemble(config, { cwd: root, plugins })
  const workspace = await openWorkspace(config, root)
  const peak = { rss: 0, heapUsed: 0, external: 0 }
  const look = () => {
    const now = process.memoryUsage()
    for (const key of ['rss', 'heapUsed', 'external'] as const) peak[key] = Math.max(peak[key], now[key])
  }
  const timer = setInterval(look, 20)
  const start = performance.now()
  const cpu = process.cpuUsage()
  const state = await work(phase, root, assembly, workspace)
  clearInterval(timer)
  const { user, system } = process.cpuUsage(cpu)
  const mib = (bytes: number) => Math.round(bytes / MiB)
  console.log(
    JSON.stringify({
      phase,
      state,
      seconds: Math.round((performance.now() - start) / 100) / 10,
      'CPU s': Math.round((user + system) / 1e5) / 10,
      'RSS MiB': mib(peak.rss),
      'heap MiB': mib(peak.heapUsed),
      'external MiB': mib(peak.external),
      'cache index MiB': mib(workspace.cache.memory),
    }),
  )
  await assembly.dispose()
  await workspace.close()
}

const [mode, phase, given] = process.argv.slice(2)
if (mode === '--in' && phase !== undefined && given !== undefined) {
  await measure(phase as Phase, given)
} else {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '100000,1000000' },
      phases: { type: 'string', default: PHASES.join() },
      heap: { type: 'string' },
      reasoning: { type: 'string', default: '0' },
    },
  })
  const jiti = fileURLToPath(new URL('../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
  for (const size of values.sizes.split(',').map(Number)) {
    const root = mkdtempSync(join(tmpdir(), 'dda-bench-scale-'))
    try {
      await writeSamples(root, size)
      console.log(`${size} samples`)
      for (const name of values.phases.split(',')) {
        const bound = values.heap === undefined ? [] : [`--max-old-space-size=${values.heap}`]
        const args = [...bound, jiti, fileURLToPath(import.meta.url), '--in', name, root, values.reasoning]
        const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
        if (status !== 0) throw new Error(`${name} of ${size} samples ended with ${status}`)
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
}
