import { expect, test } from 'vitest'
import type { ReportSpending } from './report-input.ts'
import { spendingSection } from './spending-section.ts'

const run = (rows: ReportSpending['rows']): ReportSpending => ({ run: 'r', task: 'Training', seconds: 60, rows })
const made = { stage: 'plan', plugin: 'trainer-onnx', results: 1200 } as const
const bought: ReportSpending['rows'][number] = {
  stage: 'edit',
  plugin: 'editor-openai',
  endpoint: 'https://api.example/v1',
  results: 10,
  calls: 12,
  failed: { unavailable: 2 },
  ms: 2400,
  inputTokens: 0,
  outputTokens: 300,
  money: 0.123456789,
}

/** Headings, then a list of cells a row. */
function tableOf(spending: ReportSpending): readonly string[][] {
  const { markup = '' } = spendingSection([spending]) ?? {}
  const rows = [...markup.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = '']) => row)
  return rows.map((row) => [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) => cell))
}

test('where nobody was called there are no columns for calls, and no sum', () => {
  expect(tableOf(run([made]))).toEqual([
    ['Stage', 'Plugin', 'Results'],
    ['plan', 'trainer-onnx', '1,200'],
  ])
})

test('a column that one row has is there for all, empty where nothing is told; what is summed is what is paid for', () => {
  expect(tableOf(run([made, bought]))).toEqual([
    ['Stage', 'Plugin', 'Endpoint', 'Results', 'Calls', 'Failed', 'ms a call', 'Tokens in', 'Tokens out', 'Money'],
    ['plan', 'trainer-onnx', '', '1,200', '', '', '', '', '', ''],
    ['edit', 'editor-openai', 'api.example/v1', '10', '12', 'unavailable 2', '200', '0', '300', '0.123457'],
    ['all', '', '', '', '', '', '', '0', '300', '0.123457'],
  ])
})

test('where no run has kept books there is no section', () => {
  expect(spendingSection([run([])])).toBeUndefined()
})
