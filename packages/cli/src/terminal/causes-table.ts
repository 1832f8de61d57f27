import type { FailureCause } from '@dda-thinker/evaluation'
import { formatTable } from './table.ts'

/** Why rollouts are masked, by Thinker: a table, then what each code said first and what to do about it. Empty where none is. */
export function causesTable(causes: Readonly<Record<string, readonly FailureCause[]>>): string {
  const rows = Object.entries(causes).flatMap(([name, list]) => list.map((cause) => ({ name, cause })))
  if (rows.length === 0) return ''
  const table = formatTable(
    [
      { title: 'masked because' },
      { title: 'stage' },
      { title: 'plugin' },
      { title: 'code' },
      { title: 'kind' },
      { title: 'rollouts', align: 'right' },
    ],
    rows.map(({ name, cause: { stage, plugin = '–', code, kind, count } }) => [
      name,
      stage,
      plugin,
      code,
      kind,
      String(count),
    ]),
  )
  const said = new Map<string, string>()
  for (const { cause } of rows) {
    const { stage, plugin, code, message, next } = cause
    const key = JSON.stringify([stage, plugin, code])
    const advice = next === undefined ? '' : `\n  Next: ${next}`
    if (!said.has(key)) said.set(key, `${code}, ${stage}: ${message}${advice}`)
  }
  const passing = rows.reduce((sum, { cause }) => sum + cause.transient, 0)
  const again = passing === 0 ? [] : [`${passing} of them failed in passing: the same command tries them again.`]
  return [table, ...said.values(), ...again].join('\n')
}
