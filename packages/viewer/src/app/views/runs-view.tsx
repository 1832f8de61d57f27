import { ColumnHeads } from '../parts/column-heads.tsx'
import { Fingerprint } from '../parts/fingerprint.tsx'
import type { ViewHead } from '../../wire/view-data.ts'
import { hrefTo } from '../state/route.ts'
import { percent, when } from '../parts/words.ts'

/** All runs of the project, newest first. */
export function RunsView({ head }: { readonly head: ViewHead }) {
  if (head.runs.length === 0) return <p class="empty">There is no run yet. `dda train` and `dda eval` make some.</p>
  return (
    <section>
      <h1>Runs of {head.project}</h1>
      <div class="scroll-x" role="region" aria-label="Table of runs" tabIndex={0}>
        <table class="runs stacked">
          <ColumnHeads titles={['Run', 'Task', 'State', 'Done', 'Solved', 'Editor', 'Seed', 'Begun']} />
          <tbody>
            {head.runs.map((run) => (
              <tr key={run.name}>
                <th scope="row">
                  <a href={hrefTo(['run', run.name, 'grid'])}>{run.name}</a>
                </th>
                <td>{run.task}</td>
                <td>
                  <span class={`mark ${run.state === 'finished' ? 'good' : run.live ? 'plain' : 'odd'}`}>
                    {run.state}
                  </span>
                  {run.error !== undefined && <small> {run.error.code}</small>}
                </td>
                <td class="number" data-title="Done">
                  {run.step} / {run.steps}
                </td>
                <td data-title="Solved">
                  {Object.entries(run.scores).map(([thinker, { solved, low, high }]) => (
                    <div key={thinker}>
                      {thinker} <b>{percent(solved)}</b>{' '}
                      {low !== undefined && (
                        <small>
                          {percent(low)} to {percent(high)}
                        </small>
                      )}
                    </div>
                  ))}
                </td>
                <td class="fingerprint" data-title="Editor">
                  <Fingerprint of={run.editor} />
                </td>
                <td class="number" data-title="Seed">
                  {run.seed}
                </td>
                <td data-title="Begun">{when(run.created)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
