import type { Agreement, HumanAgreement } from '@dda-thinker/evaluation'
import { formatTable, withInterval } from './table.ts'
import { cutTo } from './text-width.ts'

/** Items that are listed. */
const LISTED = 20

/** How far judges agree with people, over all, by judge and by item, as text. */
export function agreementTable({ all, byJudge, byItem, disputed, leftOut }: HumanAgreement): string {
  const table = (title: string, rows: readonly (readonly [string, Agreement])[]) =>
    formatTable(
      [
        { title },
        ...['answers', 'agree', 'kappa', 'passes found', 'fails found', 'judge alone passes'].map((name) => ({
          title: name,
          align: 'right' as const,
        })),
      ],
      rows.map(([name, one]) => [
        name,
        String(one.count),
        rate(one.raw),
        one.kappa?.toFixed(2) ?? '–',
        rate(one.sensitivity),
        rate(one.specificity),
        String(one.judgeOnly),
      ]),
    )
  const items = byItem.slice(0, LISTED)
  const more = byItem.length > items.length ? [`... and ${byItem.length - items.length} more items`] : []
  const notes = [
    ...(disputed > 0
      ? [`People answered ${disputed} questions differently; the majority counts, a tie is left out.`]
      : []),
    ...(leftOut > 0 ? [`${leftOut} questions are left out: no verdict, or nobody is sure.`] : []),
  ]
  return [
    table('judge', [['all', all], ...byJudge.map((one) => [`${one.scope}: ${one.name}`, one] as const)]),
    [
      table(
        'item, least agreed first',
        items.map((one) => [cutTo(`${one.name}: ${one.question ?? ''}`, 60), one] as const),
      ),
      ...more,
    ].join('\n'),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
  ].join('\n\n')
}

function rate({ value, low, high }: Agreement['raw']): string {
  return withInterval(value, low, high)
}
