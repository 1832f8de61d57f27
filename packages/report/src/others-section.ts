import { groupBy } from '@dda-thinker/evaluation'
import { intervalText, percent } from './bars.ts'
import { html, type Markup } from './html.ts'
import { scrolled } from './scrolled.ts'
import type { ReportEvaluation } from './report-input.ts'

/** Every evaluation of the report in one table: Thinkers down, Editors across, the mean of the seeds with their spread. */
export function othersSection(evaluations: readonly ReportEvaluation[]): Markup | undefined {
  if (new Set(evaluations.map(({ run }) => run)).size < 2) return undefined
  const thinkers = [...new Set(evaluations.map(({ thinker }) => thinker))]
  const editors = [...new Set(evaluations.map(({ editor }) => editor))]
  const cells = groupBy(evaluations, ({ thinker, editor }) => JSON.stringify([thinker, editor]))
  return html`<section id="others">
    <h2>All evaluations</h2>
    <p class="lede">
      Samples solved, by Thinker and Editor. Where there are several seeds: their mean, ± the standard deviation over
      seeds (n − 1), and the lowest and highest of them. With a single one: its Wilson interval, which covers the draw
      of the samples and not the seed.
    </p>
    ${scrolled(
      'All evaluations',
      html`<table class="wide">
        <thead>
          <tr>
            <th scope="col">Thinker</th>
            ${editors.map((editor) => html`<th scope="col" class="num">${editor}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${thinkers.map(
            (thinker) =>
              html`<tr>
                <th scope="row">${thinker}</th>
                ${editors.map(
                  (editor) => html`<td class="num">${cell(cells.get(JSON.stringify([thinker, editor])) ?? [])}</td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`
}

function cell(all: readonly ReportEvaluation[]): Markup {
  const measured = all.flatMap((one) => (one.solved === undefined ? [] : [{ ...one, solved: one.solved }]))
  const [only] = measured
  if (only === undefined) return html`–`
  if (measured.length === 1) {
    const { solved, low, high, counted, seed } = only
    const interval = intervalText({ low, high })
    return html`<b>${percent(solved, 1)}</b> <small>${interval} · n = ${counted} · seed ${seed}</small>`
  }
  const values = measured.map(({ solved }) => solved)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
  const seeds = measured.map(({ seed }) => seed).toSorted((a, b) => a - b)
  return html`<b>${percent(mean, 1)}</b> ± ${(deviation * 100).toFixed(1)}
    <small>${percent(Math.min(...values), 1)} to ${percent(Math.max(...values), 1)} · seeds ${seeds.join(', ')}</small>`
}
