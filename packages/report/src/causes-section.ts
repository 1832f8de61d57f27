import type { FailureCause } from '@dda-thinker/evaluation'
import { html, type Markup } from './html.ts'
import { scrolled } from './scrolled.ts'
import { withoutSchemes } from './without-schemes.ts'

/** Why rollouts are masked, by whose they are; undefined where none is. */
export function causesSection(causes: Readonly<Record<string, readonly FailureCause[]>>): Markup | undefined {
  const rows = Object.entries(causes).flatMap(([name, list]) => list.map((cause) => ({ name, cause })))
  if (rows.length === 0) return undefined
  return html`<section id="masked">
    <h2>What could not be measured, and why</h2>
    <p class="lede">These rollouts are in no figure of this page.</p>
    ${scrolled(
      'What could not be measured',
      html`<table class="wide">
        <thead>
          <tr>
            <th scope="col">Of</th>
            <th scope="col">Stage</th>
            <th scope="col">Plugin</th>
            <th scope="col">Code</th>
            <th scope="col" class="num">Rollouts</th>
            <th scope="col">What the first said</th>
            <th scope="col">Next</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(row)}
        </tbody>
      </table>`,
    )}
  </section>`
}

function row({ name, cause }: { readonly name: string; readonly cause: FailureCause }): Markup {
  const { stage, plugin, code, kind, count, message, next } = cause
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${stage}</td>
    <td>${plugin ?? ''}</td>
    <td><code>${code}</code> ${kind}</td>
    <td class="num">${count}</td>
    <td>${withoutSchemes(message)}</td>
    <td>${withoutSchemes(next ?? '')}</td>
  </tr>`
}
