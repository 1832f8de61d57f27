import { appendFile, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { failure } from '../../../../test/support/testing.ts'
import type { Budget } from './budget.ts'
import { Ledger } from './ledger.ts'
import { readSpending } from './read-spending.ts'

const JUDGE = { endpoint: 'http://judge:8000/v1', ms: 20 }

async function open(runDir: string, budget: Budget = {}): Promise<Ledger> {
  const ledger = new Ledger(budget)
  await ledger.open(join(runDir, 'spending.jsonl'))
  onTestFinished(() => ledger.close())
  return ledger
}

const folder = () => mkdtemp(join(tmpdir(), 'dda-ledger-'))

test('spending is summed by stage, plugin and endpoint, over all sessions of a run', async () => {
  const runDir = await folder()
  const first = await open(runDir)
  first.call('judge', 'judge-vlm', { ...JUDGE, cost: { inputTokens: 100, outputTokens: 10, money: 0.25 } })
  first.call('judge', 'judge-vlm', { ...JUDGE, failed: 'timeout' })
  await first.result('judge', 'judge-vlm')
  await first.result('edit', 'editor-free')
  await first.close()
  const second = await open(runDir)
  second.call('judge', 'judge-vlm', { ...JUDGE, endpoint: 'http://other/v1', cost: { inputTokens: 7 } })
  second.call('judge', 'judge-vlm', { ...JUDGE, failed: 'timeout', cost: { inputTokens: 5 } })
  await second.result('edit', 'editor-free', { money: 0.5 })
  await second.close()
  const { rows, seconds } = await readSpending(join(runDir, 'spending.jsonl'))
  expect(rows).toEqual([
    { stage: 'edit', plugin: 'editor-free', results: 2, money: 0.5 },
    { stage: 'judge', plugin: 'judge-vlm', results: 1 },
    {
      stage: 'judge',
      plugin: 'judge-vlm',
      endpoint: JUDGE.endpoint,
      calls: 3,
      ms: 60,
      failed: { timeout: 2 },
      inputTokens: 105,
      outputTokens: 10,
      money: 0.25,
    },
    { stage: 'judge', plugin: 'judge-vlm', endpoint: 'http://other/v1', calls: 1, ms: 20, inputTokens: 7 },
  ])
  expect(seconds).toBeGreaterThanOrEqual(0)
})

test('an expense is in the file before its result is used, so that a killed process does not forget it', async () => {
  const runDir = await folder()
  const ledger = await open(runDir, { money: 1 })
  await ledger.result('edit', 'editor-dear', { money: 0.75 })
  // Not closed: this is what a killed process leaves, with a line that was torn.
  await appendFile(join(runDir, 'spending.jsonl'), '{"stage":"edit","plu')
  const next = await open(runDir, { money: 1 })
  await next.result('edit', 'editor-dear', { money: 0.25 })
  const error = await failure(() => next.reserve('plan'))
  expect(error).toMatchObject({ code: 'DDA_BUDGET_MONEY', stopsRun: true })
  expect(error.next).toContain('budget.money')
  expect(await readFile(join(runDir, 'spending.jsonl'), 'utf8')).not.toContain('"plu\n')
})

test('edits are counted while they are under way, so that no more are bought than allowed', async () => {
  const ledger = new Ledger({ edits: 2 })
  const release = ledger.reserve('edit')
  ledger.reserve('edit')
  expect((await failure(() => ledger.reserve('edit'))).code).toBe('DDA_BUDGET_EDITS')
  expect(ledger.refusal?.code).toBe('DDA_BUDGET_EDITS')
  // One failed: its place is free again.
  release()
  ledger.reserve('edit')
})

test('judge tokens stop judges, and nobody else', async () => {
  const ledger = new Ledger({ judgeTokens: 100 })
  ledger.call('plan', 'thinker-chat', { ...JUDGE, cost: { inputTokens: 1000 } })
  ledger.reserve('judge')
  ledger.call('judge', 'judge-vlm', { ...JUDGE, failed: 'bad-output', cost: { inputTokens: 60, outputTokens: 40 } })
  ledger.reserve('edit')
  expect((await failure(() => ledger.reserve('judge'))).code).toBe('DDA_BUDGET_JUDGE_TOKENS')
})

test('what a role tells call by call is not counted again from its results', async () => {
  const ledger = new Ledger({ money: 1 })
  ledger.call('edit', 'editor-openai', { ...JUDGE, cost: { money: 0.5 } })
  await ledger.result('edit', 'editor-openai', { money: 0.5 })
  ledger.reserve('edit')
  expect(ledger.sums.all().reduce((sum, { money = 0 }) => sum + money, 0)).toBe(0.5)
})

test('the time of earlier sessions counts', async () => {
  const runDir = await folder()
  await appendFile(join(runDir, 'spending.jsonl'), '{"seconds":50}\n{"seconds":10.5}\n')
  const ledger = await open(runDir, { seconds: 60 })
  expect(ledger.stop.aborted).toBe(true)
  expect(ledger.refusal?.code).toBe('DDA_BUDGET_SECONDS')
  expect((await open(runDir, { seconds: 1e6 })).stop.aborted).toBe(false)
})
