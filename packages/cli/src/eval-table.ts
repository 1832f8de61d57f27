import type { EvalScore, EvalSummary } from '@dda-thinker/core'
import { formatTable, percent, withInterval } from './table.ts'

/** Solved rates of every Thinker, overall and by category, as text. */
export function evalTable(thinkers: Readonly<Record<string, EvalSummary>>): string {
  const rows = Object.entries(thinkers)
  const overall = formatTable(
    [
      { title: 'Thinker' },
      { title: 'solved', align: 'right' },
      { title: 'mean reward', align: 'right' },
      { title: 'scored', align: 'right' },
      { title: 'masked', align: 'right' },
      { title: 'coverage', align: 'right' },
    ],
    rows.map(([name, summary]) => [
      name,
      solved(summary),
      summary.reward?.toFixed(3) ?? '–',
      String(summary.scored),
      maskedText(summary),
      percent(summary.samples === 0 ? undefined : summary.scored / summary.samples, 1),
    ]),
  )
  const categories = [...new Set(rows.flatMap(([, { byCategory }]) => Object.keys(byCategory)))].toSorted()
  const byCategory = formatTable(
    [{ title: 'solved by category' }, ...rows.map(([name]) => ({ title: name, align: 'right' as const }))],
    categories.map((category) => [category, ...rows.map(([, { byCategory }]) => solved(byCategory[category]))]),
  )
  return `${overall}\n\n${byCategory}`
}

/** Fraction of all rollouts that were masked. */
export function maskedFraction(thinkers: Readonly<Record<string, EvalSummary>>): number {
  const all = Object.values(thinkers)
  const total = all.reduce((sum, { samples }) => sum + samples, 0)
  return total === 0 ? 0 : all.reduce((sum, { masked }) => sum + masked, 0) / total
}

function solved(score: EvalScore | undefined): string {
  return withInterval(score?.solved, score?.low, score?.high)
}

function maskedText({ masked, maskedByKind }: EvalSummary): string {
  const kinds = Object.entries(maskedByKind).map(([kind, count]) => `${kind} ${count}`)
  return masked === 0 ? '0' : `${masked} (${kinds.join(', ')})`
}
