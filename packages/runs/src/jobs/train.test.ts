import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fakeBlocks, makeWorld, openProject, type Project } from '../../../../test/support/fake-world.ts'
import { fullDisk } from '../../../../test/support/full-disk.ts'
import type { ProjectConfigInput } from '@dda-thinker/config'
import { DdaError, deriveSeed, TRAINER, type UpdateReport } from '@dda-thinker/plugin-api'
import { latestCheckpoint } from '../record/checkpoints.ts'
import { loadSamples } from '../data/project-samples.ts'
import { evaluate } from './evaluate.ts'
import { imitate } from './imitate.ts'
import { readJournal, readMetrics, readTimings } from '../record/journal.ts'
import { collect } from '@dda-thinker/store'
import { listRuns, readRun } from '../record/run-dir.ts'
import { synthesize } from './synthesize.ts'
import { train } from './train.ts'

const config: ProjectConfigInput = {
  synthesize: { count: { train: 10, 'held-out': 4 } },
  train: { steps: 7, samplesPerStep: 4, groupSize: 3, checkpointEvery: 2, keepCheckpoints: 2 },
}

async function newProject(over: ProjectConfigInput = {}): Promise<Project> {
  const project = await openProject({ ...config, ...over })
  await synthesize(project.assembly, { workspace: project.workspace })
  return project
}

/** The same project after its process died: new roles, new stores, the same folder. */
function reopen(project: Project, over: ProjectConfigInput = {}): Promise<Project> {
  return openProject({ ...config, ...over }, { root: project.root })
}

async function files(runDir: string): Promise<Record<string, string>> {
  const read = (name: string) => readFile(join(runDir, name), 'utf8')
  const checkpoint = await latestCheckpoint(runDir)
  return {
    journal: await read('journal.jsonl'),
    metrics: await read('metrics.jsonl'),
    weights: await readFile(join(checkpoint?.trainerFolder ?? '', 'weights.json'), 'utf8'),
    exported: await read('export/policy.json'),
  }
}

async function unbroken(
  over: ProjectConfigInput = {},
): Promise<{ project: Project; expected: Record<string, string> }> {
  const project = await newProject(over)
  const result = await train(project.assembly, project)
  expect(result).toMatchObject({ state: 'finished', step: 7, resumedFrom: 0 })
  await project.close()
  return { project, expected: await files(project.runDir) }
}

test('what a process that was killed after its last checkpoint left of older ones is gone when the run is finished', async () => {
  const { project, expected } = await unbroken()
  const folder = join(project.runDir, 'checkpoints')
  const kept = await readdir(folder)
  // One as it was, and one of which the manifest is gone already.
  for (const name of ['step-000002', 'step-000004']) {
    if (!kept.includes(name)) await cp(join(folder, kept[0] ?? ''), join(folder, name), { recursive: true })
  }
  await rm(join(folder, 'step-000002/checkpoint.json'))
  const again = await reopen(project)
  expect(await train(again.assembly, again)).toMatchObject({ state: 'finished', step: 7, resumedFrom: 7 })
  expect(await readdir(folder)).toEqual(kept)
  expect(await files(project.runDir)).toEqual(expected)
  await again.close()
})

test('a tap on `update` sees what metrics.jsonl holds, and can add to it, and take nothing of the run away', async () => {
  const over = { plugins: [{ use: 'fake' }], train: { ...config.train, filter: { refills: 1 } } }
  const world = makeWorld()
  const seen: UpdateReport[] = []
  world.taps.update = (report) => {
    seen.push(report)
    return report.step === 2 ? { ...report, metrics: { mine: 1 } } : undefined
  }
  const project = await openProject({ ...config, ...over }, { world })
  await synthesize(project.assembly, { workspace: project.workspace })
  await train(project.assembly, project)
  const lines = await readMetrics(project.runDir)
  expect(lines).toHaveLength(7)
  for (const [i, { metrics }] of lines.entries()) {
    if (i !== 1) expect(seen[i]?.metrics).toEqual(metrics)
  }
  expect(seen[0]?.metrics).toMatchObject({ solved: expect.any(Number), 'reward/mean': expect.any(Number) })
  expect(Object.keys(seen[0]?.metrics ?? {})).toEqual(
    expect.arrayContaining(['rollout/masked', 'groups/drawn', 'inputs', 'plan/tokens']),
  )
  expect(lines[1]?.metrics).toMatchObject({ mine: 1, solved: expect.any(Number), 'groups/drawn': expect.any(Number) })
  expect(lines[1]?.metrics).not.toHaveProperty('inputs')
  await project.close()
})

test('a run records every rollout in order, metrics, timings, checkpoints and an export', async () => {
  const { project, expected } = await unbroken()
  const lines = await collect(readJournal(project.runDir))
  const rollouts = lines.filter((line) => line.type === 'rollout')
  expect(rollouts).toHaveLength(7 * 4 * 3)
  expect(rollouts.slice(0, 4).map(({ rollout }) => rollout.id)).toEqual([
    '1/train-0/0',
    '1/train-0/1',
    '1/train-0/2',
    '1/train-1/0',
  ])
  expect(rollouts[0]).toMatchObject({ tokens: 2, step: 1 })
  expect(rollouts[0]?.rollout.plan).not.toHaveProperty('tokens')
  expect(lines.filter((line) => line.type === 'step')).toHaveLength(7)
  const metrics = await readMetrics(project.runDir)
  expect(metrics).toHaveLength(7)
  expect(metrics[0]?.metrics).toMatchObject({ inputs: 4, 'rollout/scored': 12, 'plan/tokens': 2, 'plan/format_ok': 1 })
  expect((await readTimings(project.runDir)).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(await readdir(join(project.runDir, 'checkpoints'))).toEqual(['step-000006', 'step-000007'])
  expect(expected['weights']).toBe(expected['exported'])
  const info = await readRun(project.runDir)
  expect(info.status).toMatchObject({ state: 'finished', step: 7, steps: 7 })
  expect(info.manifest.fingerprints).toEqual({
    editor: 'fake-editor',
    judge: ['fake-judge'],
    reward: 'fake-reward',
    trainer: 'fake-trainer',
  })
  expect((await listRuns(join(project.root, 'runs'))).map(({ name }) => name)).toEqual(['run'])
})

test('a trainer that splits streams has half of each group planned only: half the edits, and no zeros for what was not asked', async () => {
  const over = { train: { ...config.train, groupSize: 4, steps: 3 } }
  const made = async (split: boolean): Promise<Project> => {
    const world = makeWorld()
    // No two plans alike, so that every edit is one of its own.
    world.planText = ({ id }) => `paint ${id}`
    if (split) world.splits = { mode: 'split', weights: {}, planOnly: 0.5 }
    const project = await openProject({ ...config, ...over }, { world })
    await synthesize(project.assembly, { workspace: project.workspace })
    await train(project.assembly, project)
    return project
  }
  const [whole, divided] = [await made(false), await made(true)]
  expect(whole.world.edits).toBe(3 * 4 * 4)
  expect(divided.world.edits).toBe(whole.world.edits / 2)
  const lines = (await collect(readJournal(divided.runDir))).flatMap((line) =>
    line.type === 'rollout' ? [line.rollout] : [],
  )
  expect(lines.filter(({ outcome }) => outcome.kind !== 'scored')).toEqual([])
  for (const { member, asked, edit, reward } of lines) {
    expect(asked).toEqual(member < 2 ? ['visual'] : ['cognitive'])
    expect(edit !== undefined).toBe(member < 2)
    expect(reward?.items.every(({ scope }) => scope === asked?.[0])).toBe(true)
  }
  const [metrics] = await readMetrics(divided.runDir)
  expect(metrics?.metrics).not.toHaveProperty('solved')
  expect(divided.world.streams?.map(({ name }) => name)).toEqual(['cognitive', 'visual', 'format'])
  await Promise.all([whole.close(), divided.close()])
})

test.each([undefined, { mode: 'split', weights: {} }, { mode: 'normalized', weights: {} }] as const)(
  'a reward that asks nothing of the picture buys no edit in training, streams or not, and every one in evaluation: %j',
  async (splits) => {
    const world = makeWorld()
    Object.assign(world, { needsEdit: false, splits })
    const project = await openProject(config, { world })
    await synthesize(project.assembly, { workspace: project.workspace })
    await train(project.assembly, project)
    expect(world.edits).toBe(0)
    const lines = (await collect(readJournal(project.runDir))).flatMap((line) =>
      line.type === 'rollout' ? [line.rollout] : [],
    )
    expect(lines).toHaveLength(7 * 4 * 3)
    for (const { asked, edit, outcome, verdicts } of lines) {
      expect([asked, edit, outcome.kind]).toEqual([['cognitive'], undefined, 'scored'])
      expect(verdicts.map(({ itemId }) => itemId)).toEqual(['c1', 'c2'])
    }
    const [metrics] = await readMetrics(project.runDir)
    expect(metrics?.metrics).not.toHaveProperty('solved')
    const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
    const thinkers = [{ name: 'base', thinker: () => project.assembly.resolve(TRAINER).thinker, needs: [TRAINER] }]
    await evaluate(project.assembly, { ...project, runDir: join(project.root, 'evaluated'), samples, thinkers })
    expect(world.edits).toBe(samples.length)
    await project.close()
  },
)

test.each([
  [{ planOnly: 0.5 }, 3, 'DDA_CONFIG_INVALID'],
  [{ planOnly: 0.9 }, 8, 'DDA_CONFIG_INVALID'],
  [{ weights: { cognitiv: 1 } }, 8, 'DDA_REWARD_STREAMS'],
  [{ weights: { cognitive: 1, visual: 1 }, valueHeads: true }, 8, 'DDA_REWARD_STREAMS'],
] as const)(
  'streams that do not fit end a run before it begins: %j in groups of %i',
  async (splits, groupSize, code) => {
    const world = makeWorld()
    world.splits = { mode: 'split', weights: {}, ...splits }
    const project = await openProject({ ...config, train: { ...config.train, groupSize } }, { world })
    await synthesize(project.assembly, { workspace: project.workspace })
    await expect(train(project.assembly, project)).rejects.toMatchObject({ code })
    expect(world.edits).toBe(0)
    await project.close()
  },
)

test('equal projects give equal journals; identical plans are edited once', async () => {
  const { project, expected } = await unbroken()
  const other = await unbroken()
  expect(other.expected).toEqual(expected)
  const distinct = new Set<string>()
  for await (const line of readJournal(project.runDir)) {
    if (line.type === 'rollout') distinct.add(`${line.rollout.sampleId} ${line.rollout.plan?.executable}`)
  }
  expect(project.world.edits).toBe(distinct.size)
  expect(distinct.size).toBeLessThan(7 * 4 * 3)
})

/** Dies after a seeded number of events, wherever that is (plan, edit, judge, update, save), until it gets to its end. */
async function dieAndContinue(trial: number, over: ProjectConfigInput): Promise<{ project: Project; edits: number }> {
  let project = await newProject(over)
  let edits = 0
  for (let attempt = 0; ; attempt += 1) {
    let left = 1 + (deriveSeed('die', trial, attempt) % 120)
    const die = () => {
      left -= 1
      if (left === 0) throw new Error('killed')
    }
    project.world.onUpdate = die
    const events = { onRollout: die, onStep: die, onCheckpoint: die }
    const result = await train(project.assembly, project, events).catch(() => undefined)
    edits += project.world.edits
    await project.close()
    if (result?.state === 'finished') return { project, edits }
    // A kill may tear the last line of any log.
    await appendFile(join(project.runDir, 'journal.jsonl'), '{"type":"rollout","st')
    project = await reopen(project, over)
  }
}

test('a run that dies at any point and is started again equals the unbroken one and buys no edit twice', async () => {
  const { project: whole, expected } = await unbroken()
  for (let trial = 0; trial < 6; trial += 1) {
    const { project, edits } = await dieAndContinue(trial, {})
    expect(await files(project.runDir)).toEqual(expected)
    expect(edits).toBe(whole.world.edits)
  }
})

test('with stale rollouts too; plans are one version old, except after a checkpoint', async () => {
  const stale = { train: { ...config.train, maxStaleness: 1 } }
  const { project: whole, expected } = await unbroken(stale)
  const ages = new Map<number, Set<number>>()
  for await (const line of readJournal(whole.runDir)) {
    if (line.type !== 'rollout') continue
    const age = line.step - 1 - (line.rollout.plan?.policyVersion ?? 0)
    ages.set(line.step, (ages.get(line.step) ?? new Set()).add(age))
  }
  // A checkpoint every second step pauses the overlap for the step after it.
  expect([...ages].map(([step, found]) => [step, ...found])).toEqual([
    [1, 0],
    [2, 1],
    [3, 0],
    [4, 1],
    [5, 0],
    [6, 1],
    [7, 0],
  ])
  expect(expected).not.toEqual((await unbroken()).expected)
  for (let trial = 0; trial < 3; trial += 1) {
    const { project } = await dieAndContinue(trial, stale)
    expect(await files(project.runDir)).toEqual(expected)
  }
})

const FILTER = { minStd: 0.05, refills: 2 }

test('with a filter a step learns from groups that spread, and further samples take the place of the others', async () => {
  const { project } = await unbroken({ train: { ...config.train, filter: FILTER } })
  const lines = await collect(readJournal(project.runDir))
  const metrics = await readMetrics(project.runDir)
  const walk: string[] = []
  for (const { step, metrics: told } of metrics) {
    const made = lines.flatMap((line) => (line.type === 'rollout' && line.step === step ? [line.rollout] : []))
    const groups = new Map<string, typeof made>()
    for (const rollout of made) groups.set(rollout.group, [...(groups.get(rollout.group) ?? []), rollout])
    const spread = [...groups.values()].filter((group) => new Set(group.map(({ reward }) => reward?.total)).size > 1)
    // All that was bought is recorded and in the metrics; what has no signal is not learned from.
    expect(told).toMatchObject({
      'groups/drawn': groups.size,
      'groups/kept': spread.length,
      'groups/no_spread': groups.size - spread.length,
      'rollout/scored': made.length,
    })
    expect(spread.length).toBeLessThanOrEqual(4)
    if (spread.length < 4) expect(told['groups/refills']).toBe(FILTER.refills)
    walk.push(...[...groups.keys()].map((group) => /\/(train-\d+)/.exec(group)?.[1] ?? ''))
  }
  expect(walk.length).toBeGreaterThan(7 * 4)
  // The first pass over the data leaves none out, wherever steps begin.
  expect(walk.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, at) => `train-${at}`))
})

test.each([0, 1])(
  'with a filter and staleness %i, a run that dies at any point equals the unbroken one',
  async (maxStaleness) => {
    const over = { train: { ...config.train, filter: FILTER, maxStaleness } }
    const { expected } = await unbroken(over)
    for (let trial = 0; trial < 4; trial += 1) {
      const { project } = await dieAndContinue(trial, over)
      expect(await files(project.runDir)).toEqual(expected)
    }
  },
)

test.each([
  ['', {}],
  [' and a filter', { filter: FILTER }],
])('with prioritized samples%s, a run that dies at any point equals the unbroken one', async (_, more) => {
  for (const maxStaleness of [0, 1]) {
    const over = { train: { ...config.train, ...more, order: 'prioritized' as const, maxStaleness } }
    const { expected, project: whole } = await unbroken(over)
    const metrics = await readMetrics(whole.runDir)
    expect(metrics.some(({ metrics: told }) => (told['groups/walked'] ?? 0) > 4)).toBe(true)
    for (let trial = 0; trial < 3; trial += 1) {
      const { project } = await dieAndContinue(trial, over)
      expect(await files(project.runDir)).toEqual(expected)
    }
  }
})

test('where no group has a signal the step goes on with what it has; where nothing works nothing more is drawn', async () => {
  const train1 = { ...config.train, steps: 1, filter: { minStd: 10, refills: 1 } }
  const project = await newProject({ train: train1 })
  await train(project.assembly, project)
  const [line] = await readMetrics(project.runDir)
  expect(line?.metrics).toMatchObject({ 'groups/drawn': 8, 'groups/kept': 0, 'groups/refills': 1 })
  expect(project.world.updates).toBe(1)
  await project.close()

  const broken = await newProject({ train: train1 })
  broken.world.onEdit = () => {
    throw new DdaError('DDA_DOWN', 'down', { kind: 'unavailable' })
  }
  await expect(train(broken.assembly, broken)).rejects.toMatchObject({ code: 'DDA_STEP_ALL_MASKED' })
  const made = await collect(readJournal(broken.runDir))
  expect(made).toHaveLength(4 * 3)
  await broken.close()
})

test('a soft stop drains, writes a checkpoint and leaves a run that continues to the same end', async () => {
  const { expected } = await unbroken()
  let project = await newProject()
  const stop = new AbortController()
  let seen = 0
  const onRollout = () => {
    seen += 1
    if (seen === 40) stop.abort()
  }
  const result = await train(project.assembly, { ...project, stop: stop.signal }, { onRollout })
  expect(result).toMatchObject({ state: 'interrupted' })
  const { step } = result
  // Rollout 40 is of step 4, which is finished where all of its rollouts were under way.
  expect([3, 4]).toContain(step)
  expect((await readRun(project.runDir)).status).toMatchObject({ state: 'interrupted', step })
  expect((await latestCheckpoint(project.runDir))?.step).toBe(step)
  await project.close()
  project = await reopen(project)
  expect(await train(project.assembly, project)).toMatchObject({ state: 'finished', resumedFrom: step })
  expect(await files(project.runDir)).toEqual(expected)
  await project.close()
})

// Slices of 20 rollouts where a step has 12, each of which ends in the middle of a step whose plans an older policy made.
test.each([
  ['softly', '', {}],
  ['at once', '', {}],
  ['softly', ' with a filter', { filter: FILTER }],
  ['softly', ' with prioritized samples', { order: 'prioritized' as const }],
])(
  'stale rollouts stopped %s again and again%s lose no step that was finished, and end the same',
  async (how, _, more) => {
    const over = { train: { ...config.train, ...more, maxStaleness: 1, checkpointEvery: 100 } }
    const { expected } = await unbroken(over)
    let project = await newProject(over)
    const ends: number[] = []
    for (let slice = 20; ; slice = 20) {
      const stop = new AbortController()
      const onRollout = () => {
        slice -= 1
        if (slice === 0) stop.abort()
      }
      const signals = how === 'softly' ? { stop: stop.signal } : { signal: stop.signal }
      const result = await train(project.assembly, { ...project, ...signals }, { onRollout })
      expect(result.resumedFrom).toBe(ends.at(-1) ?? 0)
      if (result.state === 'finished') break
      expect((await latestCheckpoint(project.runDir))?.step).toBe(result.step)
      ends.push(result.step)
      await project.close()
      project = await reopen(project, over)
    }
    expect(ends.length).toBeGreaterThan(2)
    expect(ends[0]).toBeGreaterThan(0)
    expect(await files(project.runDir)).toEqual(expected)
    await project.close()
  },
)

test('plans of the next step that were changed in a checkpoint make it one that is passed over', async () => {
  const over = { train: { ...config.train, maxStaleness: 1, checkpointEvery: 100, keepCheckpoints: 3 } }
  const { expected } = await unbroken(over)
  const project = await newProject(over)
  const stop = new AbortController()
  await train(project.assembly, { ...project, stop: stop.signal }, { onStep: ({ step }) => step === 3 && stop.abort() })
  const plans = join(project.runDir, 'checkpoints/step-000003/plans.jsonl')
  expect((await readFile(plans, 'utf8')).trimEnd().split('\n')).toHaveLength(12)
  await writeFile(plans, '')
  const again = await reopen(project, over)
  const warnings: string[] = []
  const result = await train(again.assembly, again, { onWarning: (message) => warnings.push(message) })
  expect(result).toMatchObject({ state: 'finished', resumedFrom: 0 })
  expect(warnings).toEqual([expect.stringMatching(/step-000003.*plans\.jsonl/)])
  expect(await files(project.runDir)).toEqual(expected)
  await again.close()
})

test('a damaged checkpoint is passed over with a warning that names it', async () => {
  const { project, expected } = await unbroken()
  await writeFile(join(project.runDir, 'checkpoints', 'step-000007', 'trainer', 'weights.json'), '{"skill":')
  const again = await reopen(project)
  const warnings: string[] = []
  const result = await train(again.assembly, again, { onWarning: (message) => warnings.push(message) })
  expect(result).toMatchObject({ state: 'finished', resumedFrom: 6 })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('step-000007')
  expect(warnings[0]).toContain('weights.json')
  expect(await files(project.runDir)).toEqual(expected)
  await again.close()
})

test.each([
  ['a defect', new Error('weights of another make'), 'failed', 'DDA_PLUGIN_FAILED'],
  ['a full disk', Object.assign(new Error('ENOSPC: no room'), { code: 'ENOSPC' }), 'stopped', 'DDA_DISK_FULL'],
])(
  'a finished run whose trainer cannot load it because of %s is no longer finished',
  async (_what, error, state, code) => {
    const { project, expected } = await unbroken()
    const again = await reopen(project)
    again.world.onLoad = () => {
      throw error
    }
    await expect(train(again.assembly, { ...again, steps: 8 })).rejects.toMatchObject({ code })
    await again.close()
    const { status } = await readRun(project.runDir)
    expect(status).toMatchObject({
      state,
      step: 7,
      steps: 8,
      error: { code },
    })
    // Nothing is lost by it.
    const sound = await reopen(project)
    expect(await train(sound.assembly, sound)).toMatchObject({ state: 'finished', step: 7 })
    expect(await files(project.runDir)).toEqual(expected)
  },
)

test('a checkpoint ahead of its journal is passed over', async () => {
  const { project, expected } = await unbroken()
  const journal = join(project.runDir, 'journal.jsonl')
  const text = await readFile(journal, 'utf8')
  await writeFile(journal, text.slice(0, text.lastIndexOf('{"type":"step","step":7')))
  const again = await reopen(project)
  expect(await train(again.assembly, again)).toMatchObject({ state: 'finished', resumedFrom: 6 })
  expect(await files(project.runDir)).toEqual(expected)
  await again.close()
})

test('changed settings are refused by name; ones without a part in the results are not', async () => {
  const { project } = await unbroken()
  const changed = await reopen(project, { seed: 2, train: { ...config.train, groupSize: 5 } })
  await expect(train(changed.assembly, changed)).rejects.toMatchObject({
    code: 'DDA_RUN_CONFIG_CHANGED',
    message: expect.stringContaining('seed, train.groupSize') as string,
  })
  await changed.close()
  const free = await reopen(project, { train: { ...config.train, steps: 9 }, engine: { concurrency: { edit: 1 } } })
  expect(await train(free.assembly, free)).toMatchObject({ state: 'finished', step: 9, resumedFrom: 7 })
  await free.close()
})

test('a step in which every rollout failed ends the run with the cause and can be continued', async () => {
  const project = await newProject()
  const { world } = project
  world.onPlan = (id) => {
    if (!id.startsWith('4/')) return
    world.onEdit = () => {
      throw new Error('the editor is on fire')
    }
  }
  world.planText = ({ id }) => `paint ${id}`
  await expect(train(project.assembly, project)).rejects.toMatchObject({
    code: 'DDA_STEP_ALL_MASKED',
    plugin: 'fake-editor',
    message: expect.stringContaining('the editor is on fire') as string,
  })
  expect((await readRun(project.runDir)).status).toMatchObject({
    state: 'stopped',
    step: 3,
    error: { code: 'DDA_STEP_ALL_MASKED' },
  })
  expect((await latestCheckpoint(project.runDir))?.step).toBe(3)
  await project.close()
})

test('a full disk ends the run with its code; the same command continues when there is room', async () => {
  const { expected } = await unbroken()
  const first = await newProject()
  await first.close()
  const disk = fullDisk()
  for (const room of [2_000, 20_000, 3_000, 30_000]) {
    const project = await openProject(config, { root: first.root, files: disk.files })
    disk.room = room
    await expect(train(project.assembly, { ...project, files: disk.files })).rejects.toMatchObject({
      code: 'DDA_DISK_FULL',
    })
    expect((await readRun(project.runDir)).status).toMatchObject({ state: 'stopped', error: { code: 'DDA_DISK_FULL' } })
    await project.close()
  }
  const project = await reopen(first)
  expect(await train(project.assembly, project)).toMatchObject({ state: 'finished' })
  expect(await files(project.runDir)).toEqual(expected)
  await project.close()
})

test('replay makes the whole run from the cache and fails on the first miss', async () => {
  const { project, expected } = await unbroken()
  await rm(project.runDir, { recursive: true })
  const replayed = await openProject(config, { root: project.root, replay: true })
  await train(replayed.assembly, replayed)
  expect(replayed.world).toMatchObject({ edits: 0, judgements: { cognitive: 0, visual: 0 } })
  expect(await files(replayed.runDir)).toEqual(expected)
  await replayed.close()
  await rm(project.runDir, { recursive: true })
  await rm(join(project.root, 'data', 'cache'), { recursive: true })
  const missing = await openProject(config, { root: project.root, replay: true })
  await expect(train(missing.assembly, missing)).rejects.toMatchObject({ code: 'DDA_REPLAY_MISS' })
  await missing.close()
})

test('supervised steps are recorded, resumed, and begin a reinforcement run', async () => {
  const project = await newProject()
  const stop = new AbortController()
  const options = { ...project, steps: 5, batch: 3 }
  const onStep = ({ step }: { step: number }) => {
    if (step === 3) stop.abort()
  }
  expect(await imitate(project.assembly, { ...options, stop: stop.signal }, { onStep })).toMatchObject({
    state: 'interrupted',
    step: 3,
  })
  await project.close()
  const again = await reopen(project)
  const done = await imitate(again.assembly, { ...options, workspace: again.workspace })
  expect(done).toMatchObject({ state: 'finished', step: 5, resumedFrom: 3 })
  const lines = await collect(readJournal(project.runDir))
  expect(lines.map(({ type }) => type)).toEqual(['step', 'step', 'step', 'step', 'step'])
  await again.close()
  const next = await reopen(project)
  const result = await train(next.assembly, {
    ...next,
    runDir: join(project.root, 'runs', 'rl'),
    steps: 1,
    initFrom: done.checkpoint ?? '',
  })
  expect((await latestCheckpoint(result.runDir))?.policyVersion).toBe(6)
  await next.close()
})

test('an evaluation compares thinkers on all samples and continues where it stopped', async () => {
  const project = await newProject({ thinker: { use: 'fake' } })
  const { samples } = await import('../data/project-samples.ts').then(({ loadData }) =>
    loadData(project.workspace.paths),
  )
  const run = async (at: Project, stopAfter = Number.POSITIVE_INFINITY) => {
    const { THINKER } = await import('@dda-thinker/plugin-api')
    const stop = new AbortController()
    const thinkers = [
      { name: 'base', thinker: at.assembly.resolve(THINKER), needs: [THINKER] },
      { name: 'trained', thinker: () => at.assembly.resolve(TRAINER).thinker, needs: [TRAINER] },
    ]
    const onRollout = ({ done }: { done: number }) => {
      if (done === stopAfter) stop.abort()
    }
    return evaluate(at.assembly, { ...at, thinkers, samples, stop: stop.signal }, { onRollout })
  }
  const broken = await run(project, 10)
  expect(broken.state).toBe('interrupted')
  // What was under way when the stop came is finished and counted; how much that is depends on the machine.
  expect(broken.thinkers['base']?.samples).toBeGreaterThanOrEqual(10)
  expect(broken.thinkers['trained']?.samples ?? 0).toBe(0)
  await project.close()
  const again = await openProject({ ...config, thinker: { use: 'fake' } }, { root: project.root })
  const result = await run(again)
  expect(result.state).toBe('finished')
  expect(result.thinkers['base']).toMatchObject({ samples: 14, scored: 14, masked: 0 })
  // Same skill, same seeds, same Editor: the same plans.
  expect(result.thinkers['trained']).toEqual(result.thinkers['base'])
  const categories = Object.values(result.thinkers['base']?.byCategory ?? {})
  expect(categories.reduce((sum, { samples }) => sum + samples, 0)).toBe(14)
  await again.close()
  const copy = await mkdtemp(join(tmpdir(), 'dda-eval-'))
  await cp(project.runDir, copy, { recursive: true })
  const lines = (await collect(readJournal(copy))).map((line) => line.type)
  expect(lines).toEqual([
    'thinker',
    ...Array<string>(14).fill('rollout'),
    'thinker',
    ...Array<string>(14).fill('rollout'),
  ])
})

test('a second process is kept out; the lock of a dead one is taken over', async () => {
  const project = await newProject()
  const { lockRun } = await import('../record/lock.ts')
  const lock = await lockRun(project.runDir)
  await expect(train(project.assembly, project)).rejects.toMatchObject({ code: 'DDA_RUN_LOCKED' })
  await lock.release()
  const { hostname } = await import('node:os')
  const { spawnSync } = await import('node:child_process')
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  await writeFile(join(project.runDir, 'lock'), JSON.stringify({ pid: dead, host: hostname() }))
  expect(await train(project.assembly, project)).toMatchObject({ state: 'finished' })
  await project.close()
})

test('a scope without a judge is refused before anything runs', async () => {
  const world = makeWorld()
  world.judgeScopes = ['visual']
  const project = await openProject({ ...config, ...fakeBlocks }, { world })
  await synthesize(project.assembly, { workspace: project.workspace })
  await expect(train(project.assembly, project)).rejects.toMatchObject({ code: 'DDA_JUDGE_SCOPE_UNCOVERED' })
  expect(world.edits).toBe(0)
  await project.close()
})
