import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ProjectConfigInput } from '@dda-thinker/config'
import { TRAINER } from '@dda-thinker/plugin-api'
import { collect } from '@dda-thinker/store'
import { expect, onTestFinished, test } from 'vitest'
import { openProject, type Project } from '../../../../test/support/fake-world.ts'
import { loadSamples } from '../data/project-samples.ts'
import { evaluate } from '../jobs/evaluate.ts'
import { rejudge } from '../jobs/reevaluate.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { train } from '../jobs/train.ts'
import { listArms } from './arms.ts'
import { readJournal } from './journal.ts'
import { lockRun } from './lock.ts'
import { packRun } from './pack-run.ts'
import { readRun } from './run-dir.ts'

const COUNT = 140

async function prepared(over: ProjectConfigInput = {}): Promise<Project> {
  const project = await openProject({ synthesize: { count: { train: 1, 'held-out': COUNT } }, ...over })
  onTestFinished(() => project.close())
  project.world.planText = ({ input }) => `paint ${input.id}`
  await synthesize(project.assembly, project)
  return project
}

async function evaluated(project: Project, stopAfter = Infinity) {
  const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
  const thinker = () => project.assembly.resolve(TRAINER).thinker
  const thinkers = ['base', 'again'].map((name) => ({ name, thinker, needs: [TRAINER] }))
  const stop = new AbortController()
  const options = { ...project, samples, thinkers, stop: stop.signal }
  return evaluate(project.assembly, options, { onRollout: ({ done }) => done === stopAfter && stop.abort() }).catch(
    () => undefined,
  )
}

const journals = async (dir: string) => (await readdir(dir)).filter((name) => name.startsWith('journal'))

test('a packed run is read as before, and judged again; one that is continued ends as if it had never been packed', async () => {
  const whole = await prepared()
  await evaluated(whole)
  const expected = await readFile(join(whole.runDir, 'journal.jsonl'), 'utf8')

  const project = await prepared()
  await evaluated(project, COUNT + 40)
  const { runDir } = project
  const read = async () => {
    const arms = [...(await listArms({ dir: runDir }))].map(([name, { rollouts }]) => [name, [...rollouts]])
    return { arms, lines: await collect(readJournal(runDir)) }
  }
  const before = await read()
  const packing = await packRun(runDir)
  expect(packing?.packed).toBeLessThan((packing?.plain ?? 0) / 4)
  expect(await journals(runDir)).toEqual(['journal.jsonl.gz'])
  expect(await read()).toEqual(before)
  expect(await packRun(runDir)).toBeUndefined()

  await evaluated(project)
  expect(await journals(runDir)).toEqual(['journal.jsonl'])
  expect(await readFile(join(runDir, 'journal.jsonl'), 'utf8')).toBe(expected)

  await packRun(runDir)
  const edits = project.world.edits
  const again = await rejudge(project.assembly, {
    ...project,
    runDir: join(project.root, 'runs', 'rejudged'),
    source: await readRun(runDir),
  })
  expect(again.state).toBe('finished')
  expect(project.world.edits).toBe(edits)
  expect(await journals(runDir)).toEqual(['journal.jsonl.gz'])
})

test('a run that somebody works on is not packed', async () => {
  const project = await prepared()
  await evaluated(project)
  const lock = await lockRun(project.runDir)
  await expect(packRun(project.runDir)).rejects.toMatchObject({ code: 'DDA_RUN_LOCKED' })
  await lock.release()
  await expect(packRun(join(project.root, 'runs', 'none'))).rejects.toMatchObject({ code: 'DDA_RUN_MISSING' })
})

test('where the project says so a run is packed when it has finished, and not before', async () => {
  const whole = await prepared()
  await evaluated(whole)
  const expected = await readFile(join(whole.runDir, 'journal.jsonl'), 'utf8')

  const project = await prepared({ runs: { pack: true } })
  await evaluated(project, 5)
  expect((await readRun(project.runDir)).status.state).toBe('interrupted')
  expect(await journals(project.runDir)).toEqual(['journal.jsonl'])
  const result = await evaluated(project)
  expect(await journals(project.runDir)).toEqual(['journal.jsonl.gz'])
  expect(result?.thinkers).toEqual((await evaluated(whole))?.thinkers)
  expect(gunzipSync(await readFile(join(project.runDir, 'journal.jsonl.gz'))).toString()).toBe(expected)
})

test.each([
  [25_000, 'journal.jsonl'],
  [30_000, 'journal.jsonl.gz'],
])(
  'where the project says nothing, a journal of twice %i bytes a rollout ends as %s: what is large is packed',
  async (bytes, name) => {
    const project = await prepared()
    project.world.planText = ({ input }) => `paint ${input.id} ${'x'.repeat(bytes)}`
    await evaluated(project)
    expect((await readRun(project.runDir)).status.state).toBe('finished')
    expect(await journals(project.runDir)).toEqual([name])
  },
)

test('a training too, and one that goes on for more steps equals the one that was never packed', async () => {
  const settings = { samplesPerStep: 1, groupSize: 3, checkpointEvery: 2 }
  const whole = await prepared({ train: settings })
  await train(whole.assembly, { ...whole, steps: 4 })
  const project = await prepared({ train: settings, runs: { pack: true } })
  await train(project.assembly, { ...project, steps: 2 })
  expect(await journals(project.runDir)).toEqual(['journal.jsonl.gz'])
  await train(project.assembly, { ...project, steps: 4 })
  expect(await journals(project.runDir)).toEqual(['journal.jsonl.gz'])
  expect(await collect(readJournal(project.runDir))).toEqual(await collect(readJournal(whole.runDir)))
})
