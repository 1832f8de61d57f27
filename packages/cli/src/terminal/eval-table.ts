import type { EvalScore, EvalSummary } from '@dda-thinker/evaluation'
import { causesTable } from './causes-table.ts'
import { formatTable, percent, withInterval } from './table.ts'

const STAGES = ['plan', 'edit', 'judge', 'reward'] as const

/** As a record holds it; those of earlier versions do not say where failures come from, or why. */
type RecordedSummary = Omit<EvalSummary, 'failures' | 'causes'> & Partial<Pick<EvalSummary, 'failures' | 'causes'>>

/** Solved rates of every Thinker, overall and by category, as text. */
export function evalTable(thinkers: Readonly<Record<string, RecordedSummary>>): string {
  const rows = Object.entries(thinkers)
  const overall = formatTable(
    [
      { title: 'Thinker' },
      { title: 'solved', align: 'right' },
      { title: 'mean reward', align: 'right' },
      { title: 'counted', align: 'right' },
      { title: 'masked', align: 'right' },
      { title: 'coverage', align: 'right' },
    ],
    rows.map(([name, summary]) => [
      name,
      solved(summary),
      summary.reward?.toFixed(3) ?? '–',
      String(summary.counted),
      maskedText(summary),
      percent(summary.samples === 0 ? undefined : summary.counted / summary.samples, 1),
    ]),
  )
  const categories = [...new Set(rows.flatMap(([, { byCategory }]) => Object.keys(byCategory)))].toSorted()
  const byCategory = formatTable(
    [{ title: 'solved by category' }, ...rows.map(([name]) => ({ title: name, align: 'right' as const }))],
    categories.map((category) => [category, ...rows.map(([, { byCategory }]) => solved(byCategory[category]))]),
  )
  const failures = formatTable(
    [
      { title: 'unsolved because' },
      ...['plan wrong', 'plan right, image wrong', 'unclear', ...STAGES.map((stage) => `${stage} failed`)].map(
        (title) => ({ title, align: 'right' as const }),
      ),
    ],
    rows.flatMap(([name, { failures: found }]) => {
      if (found === undefined) return []
      const counts = [
        found.planWrong,
        found.imageWrong,
        found.unattributed,
        ...STAGES.map((stage) => found.failed[stage]),
      ]
      return [[name, ...counts.map(String)]]
    }),
  )
  const causes = causesTable(Object.fromEntries(rows.map(([name, summary]) => [name, summary.causes ?? []])))
  return [overall, byCategory, failures, ...(causes === '' ? [] : [causes])].join('\n\n')
}

/** Fraction of all rollouts that were masked. */
export function maskedFraction(thinkers: Readonly<Record<string, EvalSummary>>): number {
  const all = Object.values(thinkers)
  const total = all.reduce((sum, { samples }) => sum + samples, 0)
  return total === 0 ? 0 : all.reduce((sum, { masked }) => sum + masked, 0) / total
}

/** The warning of a fraction of masked rollouts that is over the limit. */
export function maskedWarning(fraction: number): string {
  if (fraction === 1) return 'Every rollout was masked: there is no figure, and what failed is the one result.'
  return `${(fraction * 100).toFixed(1)} % of the rollouts were masked: the figures rest on the others.`
}

function solved(score: EvalScore | undefined): string {
  return withInterval(score?.solved, score?.low, score?.high)
}

function maskedText({ masked, maskedByKind }: RecordedSummary): string {
  const kinds = Object.entries(maskedByKind).map(([kind, count]) => `${kind} ${count}`)
  return masked === 0 ? '0' : `${masked} (${kinds.join(', ')})`
}
