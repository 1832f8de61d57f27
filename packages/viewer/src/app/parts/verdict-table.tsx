import { ColumnHeads } from './column-heads.tsx'
import type { RolloutDetail, Sample } from '../../wire/view-data.ts'
import { figure, signed } from './words.ts'

interface VerdictTableProps {
  readonly detail: RolloutDetail
  readonly sample: Sample | undefined
  /** An earlier rollout of the run with the same picture of the same sample: it was judged then. */
  readonly before: { readonly picture?: number }
  readonly link: (row: number) => string
}

/** Every item with what was answered, whether it passed, by whom, why, and what it brought. */
export function VerdictTable({ detail, sample, before, link }: VerdictTableProps) {
  const { rollout, shares } = detail
  const items = itemsOf(detail, sample)
  const verdicts = new Map(rollout.verdicts.map((verdict) => [verdict.itemId, verdict]))
  if (items.length === 0) return <p class="none">No item was asked.</p>
  return (
    <div class="scroll-x" role="region" aria-label="Checklist" tabIndex={0}>
      <table class="verdicts stacked">
        <ColumnHeads titles={['Item', 'Result', 'Soft score', 'Reason', 'Brought', 'Judge', 'Reused']} />
        <tbody>
          {items.map(({ id, scope, question, expected, critical, passed }) => {
            const verdict = verdicts.get(id)
            const share = shares.find(({ item, scope: of }) => item === id && of === scope)
            const earlier = scope === 'visual' ? before.picture : undefined
            return (
              <tr key={`${scope} ${id}`}>
                <th scope="row">
                  <span class="scope">{scope}</span> {question ?? id}
                  {critical === true && <small> critical</small>}
                </th>
                <td>
                  {verdict === undefined ? (
                    <span class="mark plain">not asked</span>
                  ) : (
                    <>
                      <span class={`mark ${passed ? 'good' : 'bad'}`}>{passed ? 'passed' : 'failed'}</span>
                      <small>
                        answered {verdict.answer}
                        {expected === undefined ? '' : `, right is ${expected}`}
                      </small>
                    </>
                  )}
                </td>
                <td class="number" data-title="Soft score">
                  {verdict?.probability === undefined ? '–' : `${figure(verdict.probability)} yes`}
                </td>
                <td class="reason">{verdict?.reason ?? '–'}</td>
                <td class="number" data-title="Brought">
                  {share === undefined ? '–' : signed(share.share)}
                </td>
                <td class="fingerprint" data-title="Judge">
                  {verdict?.judge}
                </td>
                <td data-title="Reused">
                  {earlier === undefined || verdict === undefined ? (
                    '–'
                  ) : (
                    <a href={link(earlier)}>cache, first in #{earlier}</a>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

interface Item {
  readonly id: string
  readonly scope: string
  readonly question?: string
  readonly expected?: string
  readonly critical?: boolean
  readonly passed: boolean
}

/** Of the checklist; where the data no longer hold it, of the reward. */
function itemsOf({ rollout, shares }: RolloutDetail, sample: Sample | undefined): readonly Item[] {
  if (sample === undefined)
    return shares.flatMap(({ item, scope, passed }) =>
      scope === undefined ? [] : [{ id: item, scope, passed: passed === true }],
    )
  return sample.checklist.map(({ id, scope, question, expected, critical }) => ({
    id,
    scope,
    question,
    expected,
    critical: critical === true,
    passed: rollout.verdicts.find(({ itemId }) => itemId === id)?.answer === expected,
  }))
}
