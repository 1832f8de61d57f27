import type { Funnel } from '../../wire/view-data.ts'
import { count } from './words.ts'

/** What became of the rows of the data, stage by stage. */
export function FunnelBars({ funnel }: { readonly funnel: Funnel }) {
  const most = Math.max(1, ...funnel.stages.map((stage) => stage.in))
  return (
    <figure class="chart wide funnel">
      <figcaption>From rows to training data</figcaption>
      <dl>
        {funnel.stages.map(({ stage, in: before, out, dropped }) => (
          <div key={stage}>
            <dt>{stage}</dt>
            <dd>
              <span class="bar" style={{ width: `${(100 * out) / most}%` }} />
              <span>
                {count(out)} of {count(before)}
              </span>
              {Object.entries(dropped).map(([reason, number]) => (
                <small key={reason}>
                  {' '}
                  {reason} {count(number)}
                </small>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </figure>
  )
}
