import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openProject, type Project } from '../../../../test/support/fake-world.ts'
import { readMetrics, readTimings } from '../record/journal.ts'
import { readRunSpending } from '../record/layout.ts'
import { readRun } from '../record/run-dir.ts'
import { synthesize } from './synthesize.ts'
import { train } from './train.ts'

const config = {
  synthesize: { count: { train: 10, 'held-out': 4 } },
  train: { steps: 4, samplesPerStep: 4, groupSize: 3, checkpointEvery: 2, keepCheckpoints: 2 },
} as const

async function trained(): Promise<Project> {
  const project = await openProject(config)
  await synthesize(project.assembly, { workspace: project.workspace })
  await train(project.assembly, project)
  await project.close()
  return project
}

/** The same command again, with two steps more to do. */
async function continued(project: Project): Promise<{ result: unknown; warnings: string[] }> {
  const again = await openProject(config, { root: project.root })
  const warnings: string[] = []
  const events = { onWarning: (message: string) => void warnings.push(message) }
  try {
    return { result: await train(again.assembly, { ...again, steps: 6 }, events), warnings }
  } finally {
    await again.close()
  }
}

/** Changes a digit of the reward or the metrics in a line, so that it stays JSON and keeps its length. */
async function change(file: string, line: number): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  const old = lines[line] ?? ''
  lines[line] = old.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10))
  expect(lines[line]).not.toBe(old)
  await writeFile(file, lines.join('\n'))
}

for (const [name, lines] of [
  ['journal.jsonl', 4 * 13],
  ['metrics.jsonl', 4],
] as const) {
  test(`a change in ${name} since the last checkpoint but one is told, and done again from there`, async () => {
    const project = await trained()
    const file = join(project.runDir, name)
    await change(file, lines - 1)
    const { result, warnings } = await continued(project)
    expect(result).toMatchObject({ state: 'finished', step: 6, resumedFrom: 2 })
    expect(warnings.join('\n')).toContain(`${file} was changed before the end of step 4`)
  })

  test(`a change in ${name} before every checkpoint ends the command and deletes nothing`, async () => {
    const project = await trained()
    const file = join(project.runDir, name)
    await change(file, 0)
    const damaged = await readFile(file, 'utf8')
    await expect(continued(project)).rejects.toMatchObject({ code: 'DDA_RUN_CORRUPT', location: file })
    expect(await readFile(file, 'utf8')).toBe(damaged)
    expect(await readRun(project.runDir)).toMatchObject({ manifest: { task: 'train' } })
  })
}

test('broken lines of files that only people read stop nothing', async () => {
  const project = await trained()
  const timings = (await readTimings(project.runDir)).length
  for (const file of ['timings.jsonl', 'spending.jsonl']) await appendFile(join(project.runDir, file), '{"torn\n')
  await writeFile(join(project.runDir, 'status.json'), '{')
  const spending = await readRunSpending(project.runDir)
  expect(await continued(project)).toMatchObject({ result: { state: 'finished', step: 6 }, warnings: [] })
  expect(await readTimings(project.runDir)).toHaveLength(timings + 2)
  expect((await readRunSpending(project.runDir)).rows.length).toBeGreaterThanOrEqual(spending.rows.length)
})

test('broken metrics are told of and passed over where they are shown', async () => {
  const project = await trained()
  await appendFile(join(project.runDir, 'metrics.jsonl'), '{"torn\n')
  await expect(readMetrics(project.runDir)).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT' })
  const told: string[] = []
  expect(await readMetrics(project.runDir, ({ location = '' }) => void told.push(location))).toHaveLength(4)
  expect(told).toEqual([`${join(project.runDir, 'metrics.jsonl')}:5:1`])
})
