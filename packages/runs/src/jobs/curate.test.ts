import { readdir, readFile } from 'node:fs/promises'
import {
  API_VERSION,
  type Curator,
  CURATORS,
  DdaError,
  definePlugin,
  type FailureKind,
  isDdaError,
  Type,
} from '@dda-thinker/plugin-api'
import { assemble } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { afterEach, expect, test } from 'vitest'
import { fakeBlocks, fakePlugin, openProject, type Project, type World } from '../../../../test/support/fake-world.ts'
import type { RunEvents } from '../record/events.ts'
import { curate, type CurateOptions, type CurateResult } from './curate.ts'
import { synthesize } from './synthesize.ts'

const config = { synthesize: { count: { train: 6, 'held-out': 2 } } }
const projects: Project[] = []

afterEach(async () => {
  for (const project of projects.splice(0)) await project.close()
})

/** Tries every training sample and keeps those of which something counted; the reason tells what it saw. */
const trying: Curator = {
  async *curate(samples, context) {
    for await (const sample of samples) {
      if (sample.split === 'held-out') {
        yield { sample, kept: true, reason: 'held out' }
        continue
      }
      const rollouts = await context.tryRollouts(sample, 4)
      const totals = rollouts.flatMap(({ reward }) => (reward === undefined ? [] : [reward.total]))
      yield { sample, kept: totals.length > 0, reason: `${totals.length}: ${totals.join(' ')}` }
    }
  },
}

const plugin = definePlugin({
  name: 'trying',
  apiVersion: API_VERSION,
  options: Type.Object({}),
  setup: (api) => api.contribute(CURATORS, () => trying),
})

async function open(root?: string): Promise<Project> {
  const project = await openProject(config, root === undefined ? {} : { root })
  const complete = completeConfig({ ...config, ...fakeBlocks, curator: [{ use: 'trying' }] })
  const plugins = { fake: fakePlugin(project.world), trying: plugin }
  const opened = { ...project, assembly: await assemble(complete, { cwd: project.root, plugins }) }
  projects.push(opened)
  if (root === undefined) await synthesize(opened.assembly, opened)
  // Every rollout a plan of its own.
  project.world.planText = ({ input, seed }) => `paint ${input.id} ${seed}`
  return opened
}

const FILES = ['curated.jsonl', 'decisions.jsonl', 'data.json']

async function filesOf({ workspace }: Project): Promise<readonly string[]> {
  const { dataDir } = workspace.paths
  const names = await readdir(dataDir)
  expect(names.filter((name) => name.includes('tmp'))).toEqual([])
  return Promise.all(
    FILES.map((name) =>
      readFile(`${dataDir}/${name}`, 'utf8').catch((error: unknown) =>
        isDdaError(error) ? Promise.reject(error) : `no ${name}`,
      ),
    ),
  )
}

function fail(world: World, isHit: (plan: string) => boolean, kind: FailureKind = 'server'): void {
  world.onEdit = (plan) => {
    if (isHit(plan)) throw new DdaError('DDA_MADE_UP', 'the server is tired', { kind, next: 'Let it sleep.' })
  }
}

const of =
  (...samples: readonly number[]) =>
  (plan: string): boolean =>
    samples.some((index) => plan.startsWith(`paint train-${index} `))

/** Plans seen, so that one rollout of a sample can be told from the others. */
function firstOf(sample: number): (plan: string) => boolean {
  let first: string | undefined
  return (plan) => {
    if (!of(sample)(plan)) return false
    first ??= plan
    return plan === first
  }
}

async function curated(project: Project, options: Partial<CurateOptions> = {}): Promise<CurateResult> {
  return curate(project.assembly, { ...project, ...options })
}

test('a sample of which a rollout failed in passing is not measured: the files of before stay, and the next call does it', async () => {
  const clean = await open()
  expect(await curated(clean)).toMatchObject({ state: 'finished', kept: 8, dropped: 0, unmeasured: [], causes: [] })
  const expected = await filesOf(clean)

  const first = await open()
  const before = await filesOf(first)
  const one = firstOf(4)
  fail(first.world, (plan) => of(1)(plan) || one(plan))
  expect(await curated(first)).toEqual({
    state: 'partial',
    kept: 0,
    dropped: 0,
    reasons: {},
    file: first.workspace.paths.curated,
    unmeasured: ['train-1', 'train-4'],
    causes: [
      {
        stage: 'edit',
        plugin: 'fake-editor',
        code: 'DDA_MADE_UP',
        kind: 'server',
        count: 5,
        transient: 5,
        message: 'the server is tired',
        next: 'Let it sleep.',
      },
    ],
  })
  expect(await filesOf(first)).toEqual(before)

  const second = await open(first.root)
  expect(await curated(second)).toMatchObject({ state: 'finished', kept: 8, unmeasured: [] })
  // The rollouts that counted are not made again.
  expect(second.world.edits).toBe(5)
  expect(await filesOf(second)).toEqual(expected)
})

test('rollouts are told while nothing is decided yet, and stored ones are not told again', async () => {
  const project = await open()
  const told: string[] = []
  const events: RunEvents = {
    onTrial: ({ rollout }) => told.push(rollout.sampleId),
    onDecision: ({ decision }) => told.push(decision.reason.split(':')[0] ?? ''),
  }
  await curate(project.assembly, project, events)
  expect(told.filter((one) => one === 'train-0')).toHaveLength(4)
  expect(told.lastIndexOf('train-0')).toBeLessThan(told.indexOf('4'))
  expect(told.filter((one) => one.startsWith('train-'))).toHaveLength(24)
  told.length = 0
  await curate((await open(project.root)).assembly, project, events)
  expect(told).toHaveLength(8)
})

test('an older curated file outlives a curation that could not measure everything', async () => {
  const project = await open()
  await curated(project)
  const before = await filesOf(project)
  // Another seed: nothing stored fits.
  const other = await openProject({ ...config, seed: 5 }, { root: project.root })
  projects.push(other)
  other.world.planText = ({ input, seed }) => `paint ${input.id} ${seed}`
  fail(other.world, of(0), 'timeout')
  const complete = completeConfig({ ...config, ...fakeBlocks, seed: 5, curator: [{ use: 'trying' }] })
  const plugins = { fake: fakePlugin(other.world), trying: plugin }
  const assembly = await assemble(complete, { cwd: project.root, plugins })
  const result = await curate(assembly, other)
  expect(result).toMatchObject({ state: 'partial', unmeasured: ['train-0'] })
  expect(await filesOf(project)).toEqual(before)
})

test('a share that need not be measured can be given', async () => {
  const project = await open()
  fail(project.world, of(1), 'connection')
  expect(await curated(project, { maxUnmeasured: 0.1 })).toMatchObject({ state: 'partial' })
  const result = await curated(project, { maxUnmeasured: 0.2 })
  expect(result).toMatchObject({ state: 'finished', kept: 7, dropped: 1, unmeasured: ['train-1'] })
})

test('what failed for good is the curator’s to judge', async () => {
  const project = await open()
  fail(project.world, of(1), 'bad-input')
  const result = await curated(project)
  expect(result).toMatchObject({ state: 'finished', kept: 7, dropped: 1, unmeasured: [], causes: [{ count: 4 }] })
})

test.each<FailureKind>(['server', 'bad-input', 'plugin-error'])(
  'where every rollout failed (%s) curation is an error that says why, and drops nothing',
  async (kind) => {
    const project = await open()
    const before = await filesOf(project)
    fail(project.world, () => true, kind)
    await expect(curated(project, { maxUnmeasured: 1 })).rejects.toMatchObject({
      code: 'DDA_CURATE_ALL_MASKED',
      message: expect.stringContaining('the server is tired (DDA_MADE_UP)'),
      next: 'Let it sleep.',
      plugin: 'fake-editor',
    })
    expect(await filesOf(project)).toEqual(before)
  },
)
