import { writeFile } from 'node:fs/promises'
import { TRAINER } from '@dda-thinker/plugin-api'
import { expect, onTestFinished, test } from 'vitest'
import { openProject } from '../../../../test/support/fake-world.ts'
import { loadSamples } from '../data/project-samples.ts'
import { evaluate } from '../jobs/evaluate.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { listArms, listSamplesOf, samplesOf } from './arms.ts'
import { readRun } from './run-dir.ts'

/** An evaluation of eight samples. */
async function recorded() {
  const project = await openProject({ synthesize: { count: { train: 2, 'held-out': 8 } } })
  onTestFinished(() => project.close())
  await synthesize(project.assembly, project)
  const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
  const thinker = () => project.assembly.resolve(TRAINER).thinker
  const thinkers = [{ name: 'base', thinker, needs: [TRAINER] }]
  await evaluate(project.assembly, { ...project, samples, thinkers })
  const run = await readRun(project.runDir)
  const [base] = (await listArms(run)).values()
  if (base === undefined) throw new RangeError('nothing is on the record')
  return { run, base, samples, paths: project.workspace.paths }
}

/** Rollouts that must not be read. */
const unread = {
  [Symbol.iterator](): Iterator<never> {
    throw new Error('the rollouts are read')
  },
}

test('which samples rollouts are of is known without reading them again', async () => {
  const { run, base, samples, paths } = await recorded()
  expect(base.sampleIds.size).toBe(8)
  const ids = samples.map(({ id }) => id)
  const found = await listSamplesOf(run, [{ ...base, rollouts: unread }], paths)
  expect([...found].map(({ id }) => id)).toEqual(ids)
  // Of arms with other samples each is listed once, in the order of the data.
  const some = { sampleIds: new Set(ids.slice(2, 5)), rollouts: unread }
  const more = { sampleIds: new Set(ids.slice(4, 7)), rollouts: unread }
  expect([...(await listSamplesOf(run, [more, some], paths))].map(({ id }) => id)).toEqual(ids.slice(2, 7))
  expect(await listSamplesOf(run, [], paths)).toHaveLength(0)
})

test('samples that are gone from the data are counted once, whoever has rollouts of them', async () => {
  const { run, base, samples, paths } = await recorded()
  const kept = samples.slice(3).map((sample) => `${JSON.stringify(sample)}\n`)
  await writeFile(paths.samples, kept.join(''))
  const gone = { code: 'DDA_DATA_MISSING', message: expect.stringContaining('lack 3 samples') as string }
  await expect(listSamplesOf(run, [base, base], paths)).rejects.toMatchObject(gone)
  const rollouts = [...base.rollouts]
  await expect(samplesOf(run, rollouts.slice(0, 1), paths)).rejects.toMatchObject({ code: gone.code })
  expect(await samplesOf(run, rollouts.slice(3), paths)).toHaveLength(5)
})
