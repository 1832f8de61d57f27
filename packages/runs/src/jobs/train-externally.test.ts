import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DdaError,
  EXTERNAL_TRAINER,
  type ExternalJob,
  type ExternalTrainer,
  type Sample,
  type Thinker,
} from '@dda-thinker/plugin-api'
import type { ProjectConfigInput } from '@dda-thinker/config'
import { collect } from '@dda-thinker/store'
import { expect, test } from 'vitest'
import { openProject, type Project } from '../../../../test/support/fake-world.ts'
import { readJournal, readMetrics } from '../record/journal.ts'
import { readRun } from '../record/run-dir.ts'
import type { Scoring } from './plan-scoring.ts'
import { policyOf } from '../record/policy-of.ts'
import { synthesize } from './synthesize.ts'
import { trainExternally } from './train-externally.ts'

const config: ProjectConfigInput = {
  synthesize: { count: { train: 6, 'held-out': 2 } },
  train: { steps: 4, samplesPerStep: 2, groupSize: 2, checkpointEvery: 2 },
}

/** An engine outside: it asks for the rewards of a step's plans and writes its state as a file. */
class OutsideEngine implements ExternalTrainer {
  readonly fingerprint = 'outside'
  readonly thinker: Thinker = { fingerprint: 'outside', async *plan() {} }
  savesAtAnyStep = true
  policyVersion = 0
  job: ExternalJob | undefined
  /** Of the run, as the service would call it. */
  scoring: Scoring | undefined
  onStep: (step: number) => void = () => undefined
  /** Does it tell the steps of its requests? */
  tells = true

  check({ order }: { readonly order: string }): void {
    if (order === 'shuffle') throw new DdaError('DDA_CONFIG_INVALID', 'it does not shuffle')
  }

  async start(job: ExternalJob): Promise<void> {
    this.job = job
  }

  async step(step: number) {
    this.onStep(step)
    const all: Sample[] = []
    for await (const sample of this.job?.data() ?? []) if (sample.split === 'train') all.push(sample)
    const chosen = [0, 1].flatMap((at) => all[(step * 2 + at) % all.length] ?? [])
    for (const sample of chosen)
      for (const member of [0, 1]) {
        const text = `paint ${member * 4}`
        const plan = { text, reasoning: '', executable: text, format: { ok: true as const } }
        await this.scoring?.score({ sample, plan, seed: 0, group: sample.id, member: 0, step: this.tells ? step : 0 })
      }
    this.policyVersion = step
    return { step, policyVersion: step, metrics: { 'outside/loss': 1 / step } }
  }

  async save(folder: string): Promise<void> {
    await writeFile(join(folder, 'state'), String(this.policyVersion))
  }

  async load(folder: string): Promise<void> {
    this.policyVersion = Number(await readFile(join(folder, 'state'), 'utf8'))
  }
}

async function newProject(over: ProjectConfigInput = {}): Promise<Project> {
  const project = await openProject({ ...config, ...over })
  await synthesize(project.assembly, project)
  return project
}

function run(
  project: Project,
  engine: OutsideEngine,
  more: { readonly stop?: AbortSignal; readonly steps?: number } = {},
) {
  const assembly = project.assembly.with(EXTERNAL_TRAINER, engine, 'outside')
  const closed: string[] = []
  const offer = async (scoring: Scoring) => {
    engine.scoring = scoring
    return { url: 'http://127.0.0.1:1', close: async () => void closed.push('closed') }
  }
  return { assembly, closed, result: trainExternally(assembly, { ...project, ...more, offer }) }
}

test('rollouts, metrics and checkpoints of a training outside are kept as those of any other', async () => {
  const project = await newProject()
  const engine = new OutsideEngine()
  const { result, assembly, closed } = run(project, engine)
  expect(await result).toMatchObject({ state: 'finished', step: 4, resumedFrom: 0 })
  expect(closed).toEqual(['closed'])
  expect(engine.job).toMatchObject({ firstStep: 1, steps: 4, samples: 6, folder: join(project.runDir, 'engine') })
  const lines = await collect(readJournal(project.runDir))
  expect(lines.map((line) => `${line.type} ${'step' in line ? line.step : ''}`)).toEqual(
    [1, 2, 3, 4].flatMap((step) => [...Array.from({ length: 4 }, () => `rollout ${step}`), `step ${step}`]),
  )
  const rollouts = lines.flatMap((line) => (line.type === 'rollout' ? [line.rollout] : []))
  expect(new Set(rollouts.map(({ id }) => id)).size).toBe(16)
  expect(rollouts.map(({ member }) => member).slice(0, 4)).toEqual([0, 1, 0, 1])
  const metrics = await readMetrics(project.runDir)
  expect(metrics.map(({ metrics: said }) => said['outside/loss'])).toEqual([1, 1 / 2, 1 / 3, 1 / 4])
  expect(metrics[0]?.metrics).toHaveProperty('reward/mean')
  expect((await readRun(project.runDir)).manifest).toMatchObject({
    task: 'train',
    fingerprints: { trainer: 'outside' },
  })
  expect(policyOf(assembly).policyVersion).toBe(4)
  await project.close()
})

test('requests that name no step belong to the one under way, and a group beyond its size is another', async () => {
  const project = await newProject({ train: { steps: 1, samplesPerStep: 2, groupSize: 1 } })
  const engine = new OutsideEngine()
  engine.tells = false
  await run(project, engine).result
  const lines = await collect(readJournal(project.runDir))
  const rollouts = lines.flatMap((line) => (line.type === 'rollout' ? [line] : []))
  expect(rollouts.map(({ step }) => step)).toEqual([1, 1, 1, 1])
  expect(rollouts.map(({ rollout }) => rollout.group.split('+').slice(1).join())).toEqual(['', '1', '', '1'])
  await project.close()
})

test('what the engine would ignore is refused before anything is started', async () => {
  const project = await newProject({ train: { steps: 4, samplesPerStep: 2, groupSize: 2, order: 'shuffle' } })
  const engine = new OutsideEngine()
  await expect(run(project, engine).result).rejects.toMatchObject({ code: 'DDA_CONFIG_INVALID' })
  expect(engine.job).toBeUndefined()
  await project.close()
})

test.each([
  [true, 3],
  [false, 2],
])(
  'stopped in step 3 it ends that step; it goes on from what the engine could save (at any step: %s)',
  async (any, from) => {
    const project = await newProject()
    const engine = new OutsideEngine()
    engine.savesAtAnyStep = any
    const stop = new AbortController()
    engine.onStep = (step) => {
      if (step === 3) stop.abort()
    }
    expect(await run(project, engine, { stop: stop.signal }).result).toMatchObject({ state: 'interrupted', step: 3 })
    const again = new OutsideEngine()
    expect(await run(project, again).result).toMatchObject({ state: 'finished', step: 4, resumedFrom: from })
    expect(again.job?.firstStep).toBe(from + 1)
    const lines = await collect(readJournal(project.runDir))
    expect(lines.map((line) => ('step' in line ? line.step : 0))).toEqual(
      [1, 2, 3, 4].flatMap((step) => Array.from({ length: 5 }, () => step)),
    )
    await project.close()
  },
)

test('an engine that ends, and a budget that is spent, end the run; the same call continues it', async () => {
  const project = await newProject()
  const engine = new OutsideEngine()
  engine.onStep = (step) => {
    if (step === 4) throw new DdaError('DDA_OUTSIDE_GONE', 'it is gone')
  }
  const { result, closed } = run(project, engine)
  await expect(result).rejects.toMatchObject({ code: 'DDA_OUTSIDE_GONE' })
  expect(closed).toEqual(['closed'])
  expect((await readRun(project.runDir)).status).toMatchObject({ state: 'failed', step: 3 })
  expect(await run(project, new OutsideEngine()).result).toMatchObject({ state: 'finished', resumedFrom: 2 })
  await project.close()

  const poor = await newProject({ budget: { edits: 5 } })
  const spent = await run(poor, new OutsideEngine()).result
  expect(spent).toMatchObject({ state: 'interrupted', budget: { code: 'DDA_BUDGET_EDITS' } })
  await poor.close()
})
