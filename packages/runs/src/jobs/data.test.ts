import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  API_VERSION,
  type CurationDecision,
  type Curator,
  CURATORS,
  definePlugin,
  type Rollout,
  type Synthesizer,
  SYNTHESIZERS,
  THINKER,
  Type,
} from '@dda-thinker/plugin-api'
import { afterEach, expect, test } from 'vitest'
import { fakeBlocks, fakePlugin, makeWorld, openProject, type Project } from '../../../../test/support/fake-world.ts'
import { assemble } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { curate } from './curate.ts'
import { evaluate } from './evaluate.ts'
import { readDataManifest } from '../data/data-manifest.ts'
import { loadSamples } from '../data/project-samples.ts'
import { synthesize } from './synthesize.ts'
import { train } from './train.ts'

const config = { synthesize: { count: { train: 6, 'held-out': 3 } } }
const projects: Project[] = []

afterEach(async () => {
  for (const project of projects.splice(0)) await project.close()
})

async function open(...[over, given]: Parameters<typeof openProject>): Promise<Project> {
  const project = await openProject({ ...config, ...over }, given)
  projects.push(project)
  return project
}

/** The project with curators of its own, in the given order. */
async function withCurators(project: Project, ...curators: Curator[]): Promise<Project> {
  const plugins = curators.map((curator, index) =>
    definePlugin({
      name: `curator-${index}`,
      apiVersion: API_VERSION,
      options: Type.Object({}),
      setup: (api) => api.contribute(CURATORS, () => curator),
    }),
  )
  const names = Object.fromEntries(plugins.map((plugin) => [plugin.name, plugin]))
  const complete = completeConfig({ ...config, ...fakeBlocks, curator: plugins.map(({ name }) => ({ use: name })) })
  const assembly = await assemble(complete, {
    cwd: project.root,
    plugins: { fake: fakePlugin(project.world), ...names },
  })
  return { ...project, assembly }
}

/** Decides each sample by itself and gives the kept ones last to first. */
function reversing(decide: (id: string) => string | undefined): Curator {
  return {
    async *curate(samples) {
      const kept: CurationDecision[] = []
      for await (const sample of samples) {
        const reason = decide(sample.id)
        if (reason === undefined) kept.push({ sample, kept: true, reason: 'good' })
        else yield { sample, kept: false, reason }
      }
      yield* kept.toReversed()
    },
  }
}

test('synthesis writes all samples or leaves the old ones; equal requests give equal files', async () => {
  const project = await open()
  const seen: number[] = []
  const result = await synthesize(project.assembly, project, { onSample: ({ done }) => seen.push(done) })
  expect(result).toMatchObject({ samples: 9, bySplit: { train: 6, 'held-out': 3 } })
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  const { samples: path } = project.workspace.paths
  const before = await readFile(path, 'utf8')
  expect((await loadSamples(project.workspace.paths, { split: 'held-out', limit: 2 })).map(({ id }) => id)).toEqual([
    'held-out-0',
    'held-out-1',
  ])
  const stop = new AbortController()
  const onSample = () => stop.abort()
  await expect(synthesize(project.assembly, { ...project, stop: stop.signal }, { onSample })).rejects.toMatchObject({
    code: 'DDA_INTERRUPTED',
  })
  expect(await readFile(path, 'utf8')).toBe(before)
  expect((await readdir(project.workspace.paths.dataDir)).filter((name) => name.includes('tmp'))).toEqual([])
  const again = await open()
  await synthesize(again.assembly, again)
  expect(await readFile(again.workspace.paths.samples, 'utf8')).toBe(before)
})

/** The project with a synthesizer of its own. */
async function withSynthesizer(project: Project, synthesizer: Synthesizer): Promise<Project> {
  const plugin = definePlugin({
    name: 'own',
    apiVersion: API_VERSION,
    options: Type.Object({}),
    setup: (api) => api.contribute(SYNTHESIZERS, () => synthesizer),
  })
  const complete = completeConfig({ ...config, ...fakeBlocks, synthesizer: [{ use: 'own' }] })
  const assembly = await assemble(complete, {
    cwd: project.root,
    runDir: project.runDir,
    plugins: { fake: fakePlugin(project.world), own: plugin },
  })
  return { ...project, assembly }
}

test('where no sample comes of it, the samples made before stay, and why is on record', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  const { samples, setAside } = project.workspace.paths
  const before = await readFile(samples, 'utf8')
  const refused = await withSynthesizer(project, {
    async *synthesize(_request, context) {
      const reasons = ['it has no instruction', 'its picture is damaged', 'its picture is damaged']
      for (const [row, reason] of reasons.entries()) await context.setAside?.({ reason, where: `rows.jsonl:${row}` })
      yield* []
    },
  })
  await expect(synthesize(refused.assembly, refused)).rejects.toMatchObject({
    code: 'DDA_SYNTHESIZE_NONE',
    message: expect.stringMatching(/came of 3 rows.*because: its picture is damaged/) as string,
    next: expect.stringContaining(setAside) as string,
  })
  expect((await readFile(setAside, 'utf8')).trim().split('\n')).toHaveLength(3)
  const silent = await withSynthesizer(project, {
    async *synthesize() {
      yield* []
    },
  })
  await expect(synthesize(silent.assembly, silent)).rejects.toMatchObject({ code: 'DDA_SYNTHESIZE_NONE' })
  expect(await readFile(samples, 'utf8')).toBe(before)
  const none = await synthesize(silent.assembly, { ...silent, allowsNone: true })
  expect(none).toMatchObject({ samples: 0 })
})

test('samples without checklists are taken as data, and training and evaluation say what they lack', async () => {
  const world = makeWorld()
  world.taps.synthesize = (sample) => ({ ...sample, checklist: [] })
  const project = await open({ plugins: [{ use: 'fake' }] }, { world })
  expect((await synthesize(project.assembly, project)).samples).toBeGreaterThan(0)
  const lacks = { code: 'DDA_CHECKLIST_MISSING', message: expect.stringContaining('have no checklist') }
  await expect(train(project.assembly, project)).rejects.toMatchObject(lacks)
  const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
  const thinkers = [{ name: 'none', thinker: () => project.assembly.resolve(THINKER), needs: [THINKER] }]
  await expect(evaluate(project.assembly, { ...project, samples, thinkers })).rejects.toMatchObject(lacks)
})

test.each([
  ['an id twice', { id: 'same' }, 'taken'],
  [
    'a picture that is not stored',
    { images: [{ hash: 'a'.repeat(64), mediaType: 'image/png', width: 1, height: 1 }] },
    'not in the store',
  ],
  [
    'a picture whose hash is a path',
    { images: [{ hash: '../../../secret', mediaType: 'image/png', width: 1, height: 1 }] },
    'no reference to a picture',
  ],
  [
    'a reference picture whose hash is a path',
    { referenceImage: { hash: '../../../secret', mediaType: 'image/png', width: 1, height: 1 } },
    'no reference to a picture',
  ],
  [
    'a reference picture that is not stored',
    { referenceImage: { hash: 'a'.repeat(64), mediaType: 'image/png', width: 1, height: 1 } },
    'not in the store',
  ],
  [
    'a picture whose media type is a path',
    { images: [{ hash: 'a'.repeat(64), mediaType: 'image/png/../../secret', width: 1, height: 1 }] },
    'no reference to a picture',
  ],
  [
    'two items of one id',
    { checklist: ['a', 'b'].map((question) => ({ id: 'x', scope: 'visual', question, expected: 'yes' })) },
    'two checklist items',
  ],
] as const)('a sample with %s is refused and names its maker', async (_what, change, message) => {
  const world = makeWorld()
  world.taps.synthesize = (sample) => ({
    ...sample,
    ...(change as object),
    ...('id' in change ? {} : { id: sample.id }),
  })
  // The tap may not change an id, so ids are doubled by asking two synthesizers for the same samples.
  const twice = 'id' in change ? { synthesizer: [{ use: 'fake' }, { use: 'fake', id: 'again' }] } : {}
  if ('id' in change) delete world.taps.synthesize
  const project = await open({ plugins: [{ use: 'fake' }], ...twice }, { world })
  await expect(synthesize(project.assembly, project)).rejects.toMatchObject({
    code: 'DDA_SAMPLE_INVALID',
    plugin: 'id' in change ? 'again' : 'fake-synthesizer',
    message: expect.stringContaining(message) as string,
  })
})

test('curation keeps order and reasons, passes through its curators, and is what training then reads', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  const curated = await withCurators(
    project,
    reversing((id) => (id === 'train-1' ? 'dull' : undefined)),
    reversing((id) => (id === 'train-3' ? 'wrong' : undefined)),
  )
  const result = await curate(curated.assembly, curated)
  expect(result).toMatchObject({ kept: 7, dropped: 2, reasons: { dull: 1, wrong: 1, good: 7 } })
  // Reversed twice.
  const ids = (await loadSamples(project.workspace.paths, { split: 'train' })).map(({ id }) => id)
  expect(ids).toEqual(['train-0', 'train-2', 'train-4', 'train-5'])
  const decisions = (await readFile(project.workspace.paths.decisions, 'utf8')).trim().split('\n')
  expect(decisions).toHaveLength(9)
  expect((await readDataManifest(project.workspace.paths))?.curators).toEqual(['curator-0', 'curator-1'])
})

test('curators try rollouts of the policy under training, batched, from the same seeds', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  const tried = new Map<string, readonly Rollout[]>()
  const curated = await withCurators(project, {
    async *curate(samples, context) {
      const all = []
      for await (const sample of samples) all.push(sample)
      const rollouts = await Promise.all(all.map((sample, index) => context.tryRollouts(sample, index % 3)))
      for (const [index, sample] of all.entries()) {
        tried.set(sample.id, rollouts[index] ?? [])
        yield { sample, kept: true, reason: 'tried' }
      }
    },
  })
  await curate(curated.assembly, curated)
  expect([...tried.values()].map((rollouts) => rollouts.length)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2])
  for (const [id, rollouts] of tried) {
    expect(rollouts.every(({ sampleId, outcome }) => sampleId === id && outcome.kind === 'scored')).toBe(true)
  }
})

test('samples that changed after curation are refused until they are curated again', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  await curate(project.assembly, project)
  expect(await loadSamples(project.workspace.paths)).toHaveLength(9)
  const other = await open({ seed: 2 }, { root: project.root })
  await synthesize(other.assembly, other)
  await expect(loadSamples(other.workspace.paths)).rejects.toMatchObject({ code: 'DDA_DATA_STALE' })
  await rm(other.workspace.paths.curated)
  expect(await loadSamples(other.workspace.paths)).toHaveLength(9)
})

test('curated data of other samples are refused whatever is missing beside them', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  await curate(project.assembly, project)
  const { paths } = project.workspace
  const stale = { code: 'DDA_DATA_STALE' }
  const [curated, manifest] = [await readFile(paths.curated, 'utf8'), await readFile(paths.manifest, 'utf8')]
  // Without the record the samples themselves tell.
  await rm(paths.manifest)
  expect(await loadSamples(paths)).toHaveLength(9)
  await writeFile(paths.curated, curated.replace('"instruction":"', '"instruction":"other '))
  await expect(loadSamples(paths)).rejects.toMatchObject(stale)
  // Nor does a record that speaks of another file vouch for this one.
  await writeFile(paths.manifest, manifest)
  await expect(loadSamples(paths)).rejects.toMatchObject(stale)
  // Samples that are gone are known by the record.
  await writeFile(paths.curated, curated)
  await rm(paths.samples)
  expect(await loadSamples(paths)).toHaveLength(9)
  const record = JSON.parse(manifest) as { samples: { sha256: string } }
  await writeFile(paths.manifest, JSON.stringify({ ...record, samples: { ...record.samples, sha256: '0'.repeat(64) } }))
  await expect(loadSamples(paths)).rejects.toMatchObject(stale)
})

test('missing and broken data say where', async () => {
  const project = await open()
  const { paths } = project.workspace
  await expect(loadSamples(paths)).rejects.toMatchObject({ code: 'DDA_DATA_MISSING' })
  await expect(curate(project.assembly, project)).rejects.toMatchObject({ code: 'DDA_DATA_MISSING' })
  await synthesize(project.assembly, project)
  const lines = (await readFile(paths.samples, 'utf8')).trimEnd().split('\n')
  await writeFile(paths.samples, [lines[0], '{"id": "half', lines[1], ''].join('\n'))
  await expect(loadSamples(paths)).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT', location: `${paths.samples}:2:1` })
  await writeFile(paths.samples, `${lines[0]}\n{"id"`)
  await expect(loadSamples(paths)).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT', location: `${paths.samples}:2:1` })
  await writeFile(paths.samples, `${lines[0]}\n{"id": "x"}\n`)
  await expect(loadSamples(paths)).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT', location: `${paths.samples}:2:1` })
  await appendFile(join(paths.dataDir, 'data.json'), '{')
  await expect(loadSamples(paths)).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT', location: paths.manifest })
})

/** Tries every sample and keeps those whose mean reward is above a bound. */
function above(bound: number, count = 3): Curator {
  return {
    async *curate(samples, context) {
      for await (const sample of samples) {
        const rollouts = await context.tryRollouts(sample, count)
        const totals = rollouts.flatMap(({ reward }) => (reward === undefined ? [] : [reward.total]))
        const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length
        yield { sample, kept: mean > bound, reason: `${totals.length} of ${rollouts.length} say ${mean}` }
      }
    },
  }
}

test('another band over the same samples needs no new rollout, and more rollouts need only those that are missing', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  const planned = () => project.world.log.filter((line) => line.startsWith('plan ')).length
  const first = await curate((await withCurators(project, above(-1))).assembly, project)
  const after = planned()
  expect(first.kept).toBe(9)
  const second = await curate((await withCurators(project, above(2))).assembly, project)
  expect(second).toMatchObject({ kept: 0, reasons: first.reasons })
  expect(planned()).toBe(after)
  await curate((await withCurators(project, above(-1, 5))).assembly, project)
  expect(planned()).toBe(after + 2 * 9)
})

test('refusals of an earlier curator leave before the last one has decided anything', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  const seen: string[] = []
  const refusing = reversing((id) => (id.endsWith('1') ? 'no' : undefined))
  const collecting: Curator = {
    async *curate(samples) {
      const kept: CurationDecision[] = []
      for await (const sample of samples) kept.push({ sample, kept: true, reason: 'all' })
      seen.push('collected')
      yield* kept
    },
  }
  const { assembly } = await withCurators(project, refusing, collecting)
  const result = await curate(assembly, project, { onDecision: ({ decision }) => seen.push(decision.reason) })
  expect(result).toMatchObject({ kept: 7, dropped: 2 })
  expect(seen.slice(0, 3)).toEqual(['no', 'no', 'collected'])
})

test('a curation that is stopped while an earlier curator refuses ends at once and leaves the old file', async () => {
  const project = await open()
  await synthesize(project.assembly, project)
  const stop = new AbortController()
  const { assembly } = await withCurators(
    project,
    reversing(() => 'no'),
    reversing(() => undefined),
  )
  const stopped = curate(assembly, { ...project, stop: stop.signal }, { onDecision: () => stop.abort() })
  await expect(stopped).rejects.toMatchObject({ code: 'DDA_INTERRUPTED' })
  expect(await readdir(project.workspace.paths.dataDir)).not.toContain('curated.jsonl')
})
