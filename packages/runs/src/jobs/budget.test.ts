import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdaError, TRAINER } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { openProject, type Project } from '../../../../test/support/fake-world.ts'
import type { ProjectConfigInput } from '@dda-thinker/config'
import { readRunSpending } from '../record/layout.ts'
import { loadSamples } from '../data/project-samples.ts'
import { evaluate } from './evaluate.ts'
import type { EvalResult } from './evaluate-options.ts'
import { readRun } from '../record/run-dir.ts'
import { synthesize } from './synthesize.ts'
import { train } from './train.ts'

const config: ProjectConfigInput = {
  synthesize: { count: { train: 10, 'held-out': 12 } },
  train: { steps: 5, samplesPerStep: 4, groupSize: 3, checkpointEvery: 2 },
}

async function newProject(over: ProjectConfigInput = {}): Promise<Project> {
  const project = await openProject({ ...config, ...over })
  await synthesize(project.assembly, { workspace: project.workspace })
  return project
}

/** Continues a run in a new process, as it were: edits bought and the journal at its end, the budget growing each time. */
async function inInstalments(budgetOf: (session: number) => ProjectConfigInput['budget']) {
  const first = await newProject()
  const codes: string[] = []
  let edits = 0
  for (let session = 1; session < 100; session += 1) {
    const project = await openProject({ ...config, budget: budgetOf(session) ?? {} }, { root: first.root })
    const result = await train(project.assembly, project)
    edits += project.world.edits
    await project.close()
    if (result.state === 'finished') break
    codes.push(result.budget?.code ?? 'none')
    const { status } = await readRun(project.runDir)
    expect(status).toMatchObject({ state: 'interrupted', error: { code: result.budget?.code } })
  }
  return { edits, codes, journal: await readFile(join(first.runDir, 'journal.jsonl'), 'utf8'), runDir: first.runDir }
}

test.each(['edits', 'money'] as const)(
  'a budget of %s counts over all sessions, and raising it continues',
  async (key) => {
    const whole = await inInstalments(() => ({}))
    expect(whole.codes).toEqual([])
    const broken = await inInstalments((session) => ({ [key]: 7 * session }))
    expect(broken.codes.length).toBeGreaterThan(1)
    expect(new Set(broken.codes)).toEqual(new Set([`DDA_BUDGET_${key.toUpperCase()}`]))
    expect(broken.journal).toBe(whole.journal)
    expect(broken.edits).toBe(whole.edits)
    const { rows } = await readRunSpending(broken.runDir)
    // The fake Editor asks 1 for an edit.
    expect(rows.find(({ stage }) => stage === 'edit')).toMatchObject({ results: whole.edits, money: whole.edits })
  },
)

test('not one edit more than the budget allows is bought, however many could run at once', async () => {
  const project = await newProject({ budget: { edits: 10 }, engine: { concurrency: { edit: 64 } } })
  project.world.editDelay = 2
  project.world.planText = ({ id }) => `paint ${id}`
  expect(await train(project.assembly, project)).toMatchObject({ state: 'interrupted', step: 0 })
  expect(project.world.edits).toBe(10)
  await project.close()
})

test('a run that finds everything in the cache needs no budget', async () => {
  const first = await newProject()
  await train(first.assembly, first)
  await first.close()
  const again = await openProject({ ...config, budget: { edits: 0, money: 0 } }, { root: first.root })
  expect(await train(again.assembly, { ...again, runDir: join(first.root, 'runs/again') })).toMatchObject({
    state: 'interrupted',
    budget: { code: 'DDA_BUDGET_MONEY' },
  })
  // Plans are made anew, and may cost money; without that limit the cache is enough.
  await again.close()
  const free = await openProject({ ...config, budget: { edits: 0 } }, { root: first.root })
  expect(await train(free.assembly, { ...free, runDir: join(first.root, 'runs/free') })).toMatchObject({
    state: 'finished',
  })
  expect(free.world.edits).toBe(0)
  await free.close()
})

test('wall clock: an evaluation that may take no longer stops, and the next one counts what it took', async () => {
  const project = await newProject({ budget: { seconds: 0.2 } })
  project.world.editDelay = 100
  project.world.editorConcurrency = 1
  const run = async (of: Project): Promise<EvalResult> =>
    evaluate(of.assembly, {
      ...of,
      samples: await loadSamples(of.workspace.paths, { split: 'held-out' }),
      thinkers: [{ name: 'base', thinker: () => of.assembly.resolve(TRAINER).thinker, needs: [TRAINER] }],
    })
  expect(await run(project)).toMatchObject({ state: 'interrupted', budget: { code: 'DDA_BUDGET_SECONDS' } })
  const { edits } = project.world
  expect(edits).toBeLessThan(12)
  await project.close()
  const again = await openProject({ ...config, budget: { seconds: 0.2 } }, { root: project.root })
  expect(await run(again)).toMatchObject({ state: 'interrupted', budget: { code: 'DDA_BUDGET_SECONDS' } })
  expect(again.world.edits).toBe(0)
  await again.close()
  const raised = await openProject({ ...config, budget: { seconds: 1e6 } }, { root: project.root })
  expect(await run(raised)).toMatchObject({ state: 'finished' })
  expect(edits + raised.world.edits).toBe(12)
  await raised.close()
})

test('an error that no rollout can escape stops the run, to be continued, instead of masking everything', async () => {
  const project = await newProject()
  let account = 9
  project.world.onEdit = () => {
    account -= 1
    if (account >= 0) return
    throw new DdaError('DDA_ENDPOINT_PAYMENT', 'no credit', { kind: 'unavailable', stopsRun: true, next: 'Pay.' })
  }
  await expect(train(project.assembly, project)).rejects.toMatchObject({ code: 'DDA_ENDPOINT_PAYMENT' })
  expect((await readRun(project.runDir)).status).toMatchObject({
    state: 'stopped',
    error: { code: 'DDA_ENDPOINT_PAYMENT', next: 'Pay.' },
  })
  await project.close()
  const paid = await openProject(config, { root: project.root })
  expect(await train(paid.assembly, paid)).toMatchObject({ state: 'finished' })
  await paid.close()
  const journal = await readFile(join(project.runDir, 'journal.jsonl'), 'utf8')
  expect(journal).not.toContain('"masked","failure"')
  const whole = await newProject()
  await train(whole.assembly, whole)
  expect(await readFile(join(whole.runDir, 'journal.jsonl'), 'utf8')).toBe(journal)
  await whole.close()
})
