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
  return html`<h3>${task}: ${run}, ${duration(seconds)} of wall clock</h3>
    ${scrolled(
      `Cost of ${run}`,
      html`<table class="wide">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Plugin</th>
            <th scope="col">Endpoint</th>
            ${NUMBERS.map((title) => html`<th scope="col" class="num">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th scope="row">${row.stage}</th>
                <td>${row.plugin}</td>
                <td>${withoutSchemes(row.endpoint ?? '')}</td>
                ${figures(row).map((figure) => html`<td class="num">${figure}</td>`)}
              </tr>`,
          )}
          <tr>
            <th scope="row">all</th>
            <td></td>
            <td></td>
            ${figures(totalSpending(rows)).map((figure) => html`<td class="num">${figure}</td>`)}
          </tr>
        </tbody>
      </table>`,
    )}`
}

const NUMBERS = ['Results', 'Calls', 'Failed', 'ms a call', 'Tokens in', 'Tokens out', 'Money']

/** An empty figure is one that nobody has told: not a zero. */
function figures(row: Omit<Spending, 'stage' | 'plugin'>): readonly string[] {
  const { results, calls, failed, ms, inputTokens, outputTokens, money } = row
  const failures = Object.entries(failed ?? {}).map(([kind, count]) => `${kind} ${count}`)
  return [
    whole(results),
    whole(calls),
    calls === undefined ? '' : failures.join(', ') || '0',
    calls === undefined || calls === 0 || ms === undefined ? '' : whole(Math.round(ms / calls)),
    whole(inputTokens),
    whole(outputTokens),
    money === undefined ? '' : String(Number(money.toPrecision(6))),
  ]
}

function whole(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en')
}
