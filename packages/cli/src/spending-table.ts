import type { RunSpending, Spending } from '@dda-thinker/core'
import { formatTable } from './table.ts'

/** What a run spent, a row for each stage and endpoint, in all its sessions. */
export function spendingTable({ rows, seconds }: RunSpending): string {
  const columns = ['stage', 'plugin', 'endpoint'].map((title) => ({ title }))
  const numbers = ['results', 'calls', 'failed', 'ms a call', 'tokens in', 'tokens out', 'money']
  return formatTable(
    [...columns, ...numbers.map((title) => ({ title, align: 'right' as const }))],
    [
      ...rows.map((row) => [row.stage, row.plugin, row.endpoint ?? '', ...figures(row)]),
      ['all', '', '', ...figures(sumOf(rows))],
      ['', '', `${seconds.toFixed(0)} s of wall clock`],
    ],
  )
}

function figures({ results, calls, failed, ms, inputTokens, outputTokens, money }: Spending): string[] {
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

/** Results and calls of different stages do not add up to anything; what was paid does. */
function sumOf(rows: readonly Spending[]): Spending {
  const sum = (key: 'inputTokens' | 'outputTokens' | 'money') => {
    const known = rows.flatMap((row) => row[key] ?? [])
    return known.length === 0 ? {} : { [key]: known.reduce((total, one) => total + one, 0) }
  }
  return { stage: 'edit', plugin: '', ...sum('inputTokens'), ...sum('outputTokens'), ...sum('money') }
}

function whole(value: number | undefined): string {
  return value === undefined ? '' : String(value)
}
