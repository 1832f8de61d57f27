import { ColumnHeads } from './column-heads.tsx'
import type { EvaluationComparison } from '../../wire/view-data.ts'
import { count, signed } from './words.ts'

interface DifferenceTableProps {
  readonly comparison: EvaluationComparison
  readonly confidence: number
}

/** B minus A with paired intervals, over all and by category. */
export function DifferenceTable({ comparison, confidence }: DifferenceTableProps) {
  const { pairs, unpaired, solved, reward, byCategory } = comparison
  const lines = [['Solved', solved] as const, ['Reward', reward] as const, ...Object.entries(byCategory)]
  return (
    <div class="scroll-x" role="region" aria-label="Differences" tabIndex={0}>
      <table class="stacked">
        <caption>
          B minus A over {count(pairs)} pairs ({count(unpaired)} left out), intervals of {confidence * 100} % over pairs
        </caption>
        <ColumnHeads titles={['', 'Difference', 'Interval', 'B better', 'A better', 'Same']} />
        <tbody>
          {lines.map(([name, { value, low, high, better, worse, same }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number" data-title="Difference">
                {value === undefined ? '–' : signed(value)}
              </td>
              <td class="number" data-title="Interval">
                {low === undefined || high === undefined ? '–' : `${signed(low)} to ${signed(high)}`}
              </td>
              <td class="number" data-title="B better">
                {better}
              </td>
              <td class="number" data-title="A better">
                {worse}
              </td>
              <td class="number" data-title="Same">
                {same}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
