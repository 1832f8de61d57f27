import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failWith, openProject, type Project } from '../../../../test/support/fake-world.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { train } from '../jobs/train.ts'
import { causesInJournal, readCauses } from './causes.ts'
import { readMetrics } from './journal.ts'
import { readRun } from './run-dir.ts'

/** Of each step the first group's edits fail; in the fourth all do, from when `burns` is set. */
async function trained(burns: boolean): Promise<Project> {
  const project = await openProject({
    synthesize: { count: { train: 10, 'held-out': 4 } },
    train: { steps: 5, samplesPerStep: 4, groupSize: 3, checkpointEvery: 3 },
  })
  await synthesize(project.assembly, { workspace: project.workspace })
  const { world } = project
  world.planText = ({ id }) => `paint ${id}`
  let plans = 0
  const failing = new Set<string>()
  world.onPlan = (id) => {
    const isFourth = id.startsWith('4/')
    if (plans++ % 6 === 0 || (burns && isFourth)) failing.add(`paint ${id}`)
  }
  world.onEdit = (plan) => {
    if (failing.has(plan)) failWith(plan.startsWith('paint 4/') ? 'DDA_TEST_FIRE' : 'DDA_TEST_SMOKE', 'bad-output')
  }
  const run = train(project.assembly, project)
  if (burns) await expect(run).rejects.toMatchObject({ code: 'DDA_STEP_ALL_MASKED' })
  else await run
  return project
}

test('why rollouts of a finished training are masked is told without its journal', async () => {
  const project = await trained(false)
  const run = await readRun(project.runDir)
  const expected = await causesInJournal(project.runDir)
  expect(expected['train']?.map(({ code, count }) => [code, count])).toEqual([
    ['DDA_TEST_SMOKE', 8],
    ['DDA_TEST_FIRE', 2],
  ])
  await rm(join(project.runDir, 'journal.jsonl'))
  expect(await readCauses(run)).toEqual(expected)
  await project.close()
})

test('of one that ended within a step the rollouts of this step are read behind the newest checkpoint, and count once', async () => {
  const project = await trained(true)
  const run = await readRun(project.runDir)
  expect(run.status).toMatchObject({ state: 'stopped', step: 3 })
  const expected = await causesInJournal(project.runDir)
  expect(expected['train']?.map(({ code, count }) => [code, count])).toEqual([
    ['DDA_TEST_FIRE', 12],
    ['DDA_TEST_SMOKE', 6],
  ])
  const found = await readCauses(run)
  expect(found['train']?.toSorted((a, b) => a.code.localeCompare(b.code))).toEqual(
    expected['train']?.toSorted((a, b) => a.code.localeCompare(b.code)),
  )
  await project.close()
})

test('a training whose steps do not say why, as older versions recorded them, is read from its journal', async () => {
  const project = await trained(false)
  const lines = await readMetrics(project.runDir)
  const old = lines.map(({ step, policyVersion, metrics }) => JSON.stringify({ step, policyVersion, metrics }))
  await writeFile(join(project.runDir, 'metrics.jsonl'), `${old.join('\n')}\n`)
  expect(await readCauses(await readRun(project.runDir))).toEqual(await causesInJournal(project.runDir))
  await project.close()
})
