import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Parsed, tinyProject } from '../support/dda.ts'
import { ddaHere, ddaSaid, ddaText } from '../support/in-process.ts'

let project: ReturnType<typeof tinyProject>
beforeEach(() => {
  project = tinyProject()
})
afterEach(() => project.remove())

const SIZE = ['--set', 'train.samplesPerStep=4', '--set', 'train.groupSize=2', '--steps', '5']

test('counts before anything is there, and says what it does not know', async () => {
  const { dir } = project
  const { data } = await ddaHere(dir, 'plan-budget', ...SIZE)
  expect(data).toMatchObject({ steps: 5, rollouts: 40, exceeded: [] })
  expect(data.stages.map(({ stage, most }: Parsed) => [stage, most])).toEqual([
    ['edit', 40],
    ['judge', 80],
  ])
  expect(data).not.toHaveProperty('money')
  expect(data).not.toHaveProperty('seconds')
  expect(await ddaText(dir, 'plan-budget', ...SIZE)).toContain('No run has measured')
})

test('takes costs from a run of the same plugins, and warns of a budget that does not reach', async () => {
  const { dir } = project
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train', '--name', 'short', '--steps', '1')
  const line = { stage: 'edit', plugin: 'x', results: 10, money: 2 }
  appendFileSync(join(dir, 'runs/short/spending.jsonl'), `${JSON.stringify(line)}\n`)
  const { data, warnings } = await ddaHere(
    dir,
    'plan-budget',
    ...SIZE,
    '--set',
    'budget.edits=30',
    '--set',
    'budget.money=1',
  )
  expect(data).toMatchObject({ measuredBy: 'short' })
  expect(data.money).toBeGreaterThan(0)
  expect(data.exceeded.join()).toMatch(/budget\.edits is 30.*budget\.money is 1/)
  expect(JSON.stringify(warnings)).toContain('budget.edits is 30')

  const { data: named } = await ddaHere(dir, 'plan-budget', ...SIZE, '--from', 'short')
  expect(named.stages).toEqual(data.stages)
  expect(await ddaHere(dir, 'plan-budget', '--from', 'nobody')).toMatchObject({ ok: false })
})

test('train and eval say what is ahead before they begin, and no more once it is done', async () => {
  const { dir } = project
  await ddaHere(dir, 'synthesize')
  const { stderr } = await ddaSaid(dir, 'train', '--name', 'run', ...SIZE, '--set', 'budget.edits=30')
  expect(stderr).toContain('Ahead: at most 40 edits and 80 judgements; what they cost and take is not known yet.')
  expect(stderr).toContain('budget.edits is 30, and this may want 40')
  expect(stderr, 'before anything else').toMatch(/^Ahead/)

  const more = await ddaSaid(dir, 'train', '--name', 'run', ...SIZE.slice(0, 4), '--steps', '7')
  expect(more.stderr, 'of the two steps that are left').toContain('Ahead: at most 16 edits')
  const again = await ddaSaid(dir, 'train', '--name', 'run', ...SIZE.slice(0, 4), '--steps', '7')
  expect(again.stderr).not.toContain('Ahead')

  const EVAL = ['eval', '--thinker', 'none', '--thinker', 'base', '--limit', '3', '--name', 'evaluated']
  expect((await ddaSaid(dir, ...EVAL)).stderr).toContain('Ahead: at most 6 edits and 12 judgements; ')
  expect((await ddaSaid(dir, ...EVAL)).stderr).not.toContain('Ahead')
})

test('another Editor has been measured by nobody', async () => {
  const { dir } = project
  mkdirSync(join(dir, 'runs'), { recursive: true })
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train', '--name', 'short', '--steps', '1')
  const { data } = await ddaHere(dir, 'plan-budget', '--set', 'judge=[]')
  expect(data).not.toHaveProperty('measuredBy')
})
