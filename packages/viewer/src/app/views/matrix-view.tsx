import { hrefTo } from '../state/route.ts'
import { armsOf } from '../state/arms.ts'
import { Fingerprint } from '../parts/fingerprint.tsx'
import { percent } from '../parts/words.ts'
import type { ViewHead } from '../../wire/view-data.ts'

/** Thinkers by Editors: solved, with its interval; of several evaluations of the same pair all. */
export function MatrixView({ head }: { readonly head: ViewHead }) {
  const arms = armsOf(head)
  if (arms.length === 0) return <p class="empty">There is no finished evaluation. `dda eval` makes one.</p>
  const editors = [...new Set(arms.map(({ editor }) => editor))]
  const thinkers = [...new Set(arms.map(({ thinker }) => thinker))]
  const scoreOf = (run: string, thinker: string) => head.runs.find(({ name }) => name === run)?.scores[thinker]
  return (
    <section>
      <h1>Editors × Thinkers</h1>
      <p>Share of samples that were solved. Pairs are compared in Compare, sample by sample.</p>
      <div class="scroll-x" role="region" aria-label="Matrix" tabIndex={0}>
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">Thinker</th>
              {editors.map((editor) => (
                <th key={editor} scope="col" class="fingerprint">
                  <Fingerprint of={editor} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {thinkers.map((thinker) => (
              <tr key={thinker}>
                <th scope="row">{thinker}</th>
                {editors.map((editor) => (
                  <td key={editor}>
                    {arms
                      .filter((arm) => arm.thinker === thinker && arm.editor === editor)
                      .map(({ run, name }) => {
                        const { solved, low, high, counted } = scoreOf(run, thinker) ?? {}
                        return (
                          <p key={name}>
                            <a href={hrefTo(['run', run, 'grid'], { thinker })}>
                              <b>{percent(solved)}</b>
                            </a>{' '}
                            <small>
                              {percent(low)} to {percent(high)}, {counted} counted, {run}
                            </small>
                          </p>
                        )
                      })}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
