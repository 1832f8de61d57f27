import { armFacts, summaryOf } from './arm-facts.ts'
import { baselineArm, subjectArm } from './arms.ts'
import { differenceBar, intervalText, percent, points, proportionBar } from './bars.ts'
import { gainOf } from './gain.ts'
import { type GalleryPick, sampleCard } from './gallery.ts'
import { html, type Markup } from './html.ts'
import { scrolled } from './scrolled.ts'
import type { Picture } from './page.ts'
import type { ReportInput } from './report-input.ts'

/** Sub-tasks by gain, with paired intervals. */
export function learnedSection(input: ReportInput): Markup | undefined {
  const [baseline, subject] = [baselineArm(input), subjectArm(input)]
  const gain = gainOf(input)
  if (baseline === undefined || subject === undefined || gain === undefined) return undefined
  const before = summaryOf(baseline, input).bySubtask
  const after = summaryOf(subject, input).bySubtask
  const rows = Object.entries(gain.bySubtask).toSorted(([, a], [, b]) => (b.value ?? 0) - (a.value ?? 0))
  if (rows.length === 0) return undefined
  const { better: gained, worse: lost } = gain.solved
  return html`<section id="learned">
    <h2>What it learned</h2>
    <p class="lede">
      Sub-tasks by gain of “${subject.label}” over “${baseline.label}” on the same samples, in percentage points. Of
      ${gain.pairs} pairs, ${gained} went from unsolved to solved and ${lost} the other way. Intervals: paired
      bootstrap, ${percent(input.confidence)}; with few pairs they are wide or degenerate.
    </p>
    ${scrolled(
      'Sub-tasks by gain',
      html`<table class="wide">
        <thead>
          <tr>
            <th scope="col">Sub-task</th>
            <th scope="col" class="num">Pairs</th>
            <th scope="col" class="num">${baseline.label}</th>
            <th scope="col" class="num">${subject.label}</th>
            <th scope="col" class="num">Gain</th>
            <th scope="col" class="plot">−100 · 0 · +100</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([subtask, difference]) =>
              html`<tr>
                <th scope="row">${subtask}</th>
                <td class="num">${difference.count}</td>
                <td class="num">${percent(before[subtask]?.value)}</td>
                <td class="num">${percent(after[subtask]?.value)}</td>
                <td class="num">
                  <b>${points(difference.value)}</b>
                  <small>${points(difference.low)} to ${points(difference.high)}</small>
                </td>
                <td class="plot">${differenceBar(difference, `${subtask}: ${points(difference.value)} points`)}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`
}

/** Sub-tasks and items that still fail, with pictures. */
export function failingSection(input: ReportInput, pick: GalleryPick, picture: Picture): Markup | undefined {
  const subject = subjectArm(input)
  if (subject === undefined) return undefined
  const { summary, items } = armFacts(subject, input)
  const { bySubtask, solved } = summary
  const failed = items.filter((item) => item.failed > 0)
  const weakest = Object.entries(bySubtask)
    .filter(([, estimate]) => (estimate.value ?? 1) < 1)
    .toSorted(([, a], [, b]) => (a.value ?? 0) - (b.value ?? 0))
  if (solved.count > 0 && weakest.length === 0) {
    return html`<section id="failing">
      <h2>Where it still fails</h2>
      <p class="lede">
        “${subject.label}” solved every one of the ${solved.count} samples that could be scored. Harder data would say
        more.
      </p>
    </section>`
  }
  return html`<section id="failing">
    <h2>Where it still fails</h2>
    <p class="lede">
      Sub-tasks that “${subject.label}” does not solve completely, and the checklist items that fail most often.
    </p>
    <div class="two">
      <div>
        <h3>Sub-tasks</h3>
        <div class="bars compact">
          ${weakest.slice(0, 12).map(
            ([subtask, estimate]) =>
              html`<div class="row">
                <span class="name">${subtask}</span>${proportionBar(
                  estimate,
                  'arm-subject',
                  `${subtask}: ${percent(estimate.value)} solved`,
                )}<span class="number"><b>${percent(estimate.value)}</b> <small>${intervalText(estimate)}</small></span>
              </div>`,
          )}
        </div>
      </div>
      <div>
        <h3>Most failed items</h3>
        <table class="failures">
          <thead>
            <tr>
              <th scope="col">Item, with an example of its question</th>
              <th scope="col" class="num">Failed</th>
            </tr>
          </thead>
          <tbody>
            ${failed.slice(0, 10).map(
              (row) =>
                html`<tr>
                  <th scope="row">
                    <span class="scope">${row.scope}</span> ${row.example} <small>${row.subtask}</small>
                  </th>
                  <td class="num">${row.failed} of ${row.asked}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </div>
    ${
      pick.failing.length > 0 &&
      html`<h3>Examples</h3>
        <div class="cards">${pick.failing.map((row) => sampleCard(input, row, picture))}</div>`
    }
  </section>`
}
