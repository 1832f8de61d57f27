import type { RunSpending, Spending } from '@dda-thinker/evaluation'
import type { Cost } from '@dda-thinker/plugin-api'
import { formatTable } from './table.ts'

/**
 * What a run spent, a row for each stage and endpoint, in all its sessions.
 *
 * @param total what was paid and read in all rows
 */
export function spendingTable({ rows, seconds }: RunSpending, total: Cost): string {
  const columns = ['stage', 'plugin', 'endpoint'].map((title) => ({ title }))
  const numbers = ['results', 'calls', 'failed', 'ms a call', 'tokens in', 'tokens out', 'money']
  return formatTable(
    [...columns, ...numbers.map((title) => ({ title, align: 'right' as const }))],
    [
      ...rows.map((row) => [row.stage, row.plugin, row.endpoint ?? '', ...figures(row)]),
      ['all', '', '', ...figures(total)],
      ['', '', `${seconds.toFixed(0)} s of wall clock`],
    ],
  )
}

function figures({
  results,
  calls,
  failed,
  ms,
  inputTokens,
  outputTokens,
  money,
}: Omit<Spending, 'stage' | 'plugin'>): string[] {
  const failures = Object.values(failed ?? {}).reduce((sum, count) => sum + count, 0)
  return [
    whole(results),
    whole(calls),
    calls === undefined ? '' : String(failures),
    calls === undefined || calls === 0 || ms === undefined ? '' : (ms / calls).toFixed(0),
    whole(inputTokens),
    whole(outputTokens),
    money === undefined ? '' : String(Number(money.toPrecision(6))),
  ]
}

function whole(value: number | undefined): string {
  return value === undefined ? '' : String(value)
}
