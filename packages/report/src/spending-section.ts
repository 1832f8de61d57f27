import { type Spending, totalSpending } from '@dda-thinker/evaluation'
import { html, type Markup } from './html.ts'
import { scrolled } from './scrolled.ts'
import type { ReportSpending } from './report-input.ts'
import { duration } from './run-notes.ts'
import { withoutSchemes } from './without-schemes.ts'

/** What each run spent, by stage, plugin and endpoint; undefined where no run has kept books. */
export function spendingSection(spending: readonly ReportSpending[]): Markup | undefined {
  const kept = spending.filter(({ rows }) => rows.length > 0)
  if (kept.length === 0) return undefined
  return html`<section id="spending">
    <h2>What it cost</h2>
    <p class="lede">
      All sessions of a run together, repetitions included; what the cache gave was free and is not counted. Money is in
      the currency of the prices in the configuration, where there are prices.
    </p>
    ${kept.map(table)}
  </section>`
}

function table({ run, task, rows, seconds }: ReportSpending): Markup {
  const sum = totalSpending(rows)
  // A column of which nobody has told anything says nothing; nor does a sum of nothing.
  const told = COLUMNS.filter(({ figure }) => rows.some((row) => figure(row) !== ''))
  const summed = told.some(({ figure }) => figure(sum) !== '')
  const placed = rows.some(({ endpoint }) => endpoint !== undefined)
  return html`<h3>${task}: ${run}, ${duration(seconds)} of wall clock</h3>
    ${scrolled(
      `Cost of ${run}`,
      html`<table class="wide">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Plugin</th>
            ${placed && html`<th scope="col">Endpoint</th>`}
            ${told.map(({ title }) => html`<th scope="col" class="num">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th scope="row">${row.stage}</th>
                <td>${row.plugin}</td>
                ${placed && html`<td>${withoutSchemes(row.endpoint ?? '')}</td>`}
                ${told.map(({ figure }) => html`<td class="num">${figure(row)}</td>`)}
              </tr>`,
          )}
          ${
            summed &&
            html`<tr>
              <th scope="row">all</th>
              <td></td>
              ${placed && html`<td></td>`} ${told.map(({ figure }) => html`<td class="num">${figure(sum)}</td>`)}
            </tr>`
          }
        </tbody>
      </table>`,
    )}`
}

type Figures = Omit<Spending, 'stage' | 'plugin'>

/** An empty figure is one that nobody has told: not a zero. */
const COLUMNS: readonly { readonly title: string; readonly figure: (of: Figures) => string }[] = [
  { title: 'Results', figure: ({ results }) => whole(results) },
  { title: 'Calls', figure: ({ calls }) => whole(calls) },
  { title: 'Failed', figure: ({ calls, failed }) => (calls === undefined ? '' : failures(failed)) },
  { title: 'ms a call', figure: ({ calls, ms }) => (calls && ms !== undefined ? whole(Math.round(ms / calls)) : '') },
  { title: 'Tokens in', figure: ({ inputTokens }) => whole(inputTokens) },
  { title: 'Tokens out', figure: ({ outputTokens }) => whole(outputTokens) },
  { title: 'Money', figure: ({ money }) => (money === undefined ? '' : String(Number(money.toPrecision(6)))) },
]

function failures(failed: Figures['failed']): string {
  const kinds = Object.entries(failed ?? {}).map(([kind, count]) => `${kind} ${count}`)
  return kinds.join(', ') || '0'
}

function whole(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en')
}
