import { assess, type ChecklistItem, type ImageRef, passed, type Rollout } from '@dda-thinker/plugin-api'
import { baselineArm, subjectArm, toneOf } from './arms.ts'
import { subtaskOf } from '@dda-thinker/evaluation'
import { html, type Markup } from './html.ts'
import type { Picture } from './page.ts'
import type { ReportInput } from './report-input.ts'
import { type ArmRollout, type RowPlace, rowPlaces, type SampleRow, sampleRow } from './sample-rows.ts'
import { spread } from './spread.ts'

/** Rows a report shows, so that only their pictures need loading. */
export interface GalleryPick {
  /** Newly solved ones first, spread over categories and sub-tasks. */
  readonly shown: readonly SampleRow[]
  /** Not solved by the subject. */
  readonly failing: readonly SampleRow[]
  /** Of all samples: solved by the subject and not by the baseline. */
  readonly gained: number
}

/** Picks rows by rule, not by looks: round-robin over categories, then sub-tasks, in the order of the samples. */
export function pickGallery(input: ReportInput, most = { shown: 8, failing: 4 }): GalleryPick {
  const [subject, baseline] = [subjectArm(input), baselineArm(input)]
  const [gained, rest, failed] = [new Candidates(most.shown), new Candidates(most.shown), new Candidates(most.failing)]
  const arms = [baseline, subject].filter((arm) => arm !== undefined)
  for (const row of rowPlaces(input, arms)) {
    const [before, after] = [baseline, subject].map((one) => row.by.find(({ arm }) => arm === one))
    if (subject === undefined || after === undefined) continue
    // A masked baseline says nothing, so it counts as no gain.
    const isGain = after.solved && (baseline === undefined || before?.solved === false)
    const candidates = isGain ? gained : after.solved ? rest : failed
    candidates.add(row)
  }
  const first = (rows: readonly RowPlace[], count: number) => rows.slice(0, count).map((row) => sampleRow(input, row))
  return {
    shown: first([...spreadRows(gained.rows), ...spreadRows(rest.rows)], most.shown),
    failing: first(spreadRows(failed.rows), most.failing),
    gained: gained.count,
  }
}

/** Rows of which some are shown: of each sub-task no more than all that are. */
class Candidates {
  count = 0
  readonly rows: RowPlace[] = []
  readonly #most: number
  readonly #of = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  add(row: RowPlace): void {
    this.count += 1
    const key = JSON.stringify([row.category, row.subtask])
    const already = this.#of.get(key) ?? 0
    if (already >= this.#most) return
    this.#of.set(key, already + 1)
    this.rows.push(row)
  }
}

/** Pictures of the picked rows. */
export function picturesOf(input: ReportInput, pick: GalleryPick): readonly ImageRef[] {
  const arms = [baselineArm(input), subjectArm(input)]
  return [...pick.shown, ...pick.failing].flatMap(({ sample, by }) => [
    ...sample.images,
    ...arms.flatMap((arm) => (arm === undefined ? [] : (by.get(arm.id)?.rollout.edit?.image ?? []))),
  ])
}

export function gallerySection(input: ReportInput, pick: GalleryPick, picture: Picture): Markup | undefined {
  if (pick.shown.length === 0) return undefined
  const categories = [...new Set(pick.shown.map(({ sample }) => sample.category))].toSorted()
  const baseline = baselineArm(input)
  const lede =
    baseline === undefined
      ? 'Spread over categories and sub-tasks by rule.'
      : `${pick.gained} samples are solved by “${subjectArm(input)?.label}” and not by “${baseline.label}”; ${pick.shown.length} shown, spread over sub-tasks by rule, not picked by hand.`
  return html`<section id="gallery">
    <h2>Before and after</h2>
    <p class="lede">${lede}</p>
    <div class="filters" hidden>
      ${['all', ...categories].map(
        (category, i) =>
          html`<button type="button" data-filter="${category}" aria-pressed="${i === 0 ? 'true' : 'false'}">
            ${category}
          </button>`,
      )}
    </div>
    <div class="cards">${pick.shown.map((row) => sampleCard(input, row, picture))}</div>
  </section>`
}

/**
 * One sample, in columns: the source with the instruction, then each arm's edit with its plan; below them the checklist,
 * every verdict under the edit it is about.
 */
export function sampleCard(input: ReportInput, { sample, by }: SampleRow, picture: Picture): Markup {
  const arms = [baselineArm(input), subjectArm(input)].flatMap((arm) =>
    arm === undefined ? [] : (by.get(arm.id) ?? []),
  )
  return html`<article class="card columns-${arms.length}" data-category="${sample.category}">
    <header><span class="chip">${subtaskOf(sample)}</span><code>${sample.id}</code></header>
    <div class="strip">
      <div class="cell">
        <p class="caption">Source</p>
        ${picture(sample.images[0], `Source picture of ${sample.id}`)}
        <blockquote>${sample.instruction}</blockquote>
      </div>
      ${arms.map(
        ({ arm, rollout, solved }) =>
          html`<div class="cell ${toneOf(arm, input)}">
            <p class="caption"><b>${arm.label}</b> ${mark(solved, solved ? 'solved' : 'not solved')}</p>
            ${picture(rollout.edit?.image, `Edit by ${arm.label}`)} ${planText(rollout)}
          </div>`,
      )}
    </div>
    ${checklist(sample.checklist, arms)}
  </article>`
}

export function planText({ plan }: Pick<Rollout, 'plan'>): Markup {
  const reasoning = plan?.reasoning.trim()
  return html`<div class="plan">
    ${
      reasoning !== undefined &&
      reasoning !== '' &&
      html`<details>
        <summary>Reasoning</summary>
        <p class="reasoning">${reasoning}</p>
      </details>`
    }
    <p class="steps">${plan?.executable ?? 'No plan.'}</p>
    ${plan?.format.ok === false && html`<p class="problem">Format: ${plan.format.problem}</p>`}
  </div>`
}

function checklist(items: readonly ChecklistItem[], arms: readonly ArmRollout[]): Markup {
  const sums = arms.map(({ arm, rollout }) => {
    const asked = assess(items, rollout.verdicts).filter((one) => one.passed !== undefined)
    return `${arm.label} ${asked.filter((one) => one.passed).length} of ${asked.length}`
  })
  return html`<details class="checklist">
    <summary>Checklist, ${items.length} items: passed by ${sums.join(', ')}</summary>
    <table class="items">
      <thead>
        <tr>
          <th scope="col">Checklist</th>
          ${arms.map(({ arm }) => html`<th scope="col">${arm.label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr>
              <th scope="row">
                <span class="scope">${item.scope}</span> ${item.question}
                <small>right answer: ${item.expected}${item.critical === true ? ', critical' : ''}</small>
              </th>
              ${arms.map(({ rollout }) => html`<td>${verdictMark(rollout, item)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`
}

function verdictMark(rollout: Rollout, item: ChecklistItem): Markup {
  const verdict = rollout.verdicts.find(({ itemId }) => itemId === item.id)
  if (verdict === undefined) return html`<span class="mark">– <small>not asked</small></span>`
  const { answer, reason } = verdict
  const isPassed = passed(item, verdict)
  return html`${mark(isPassed, `${isPassed ? 'passed' : 'failed'}, answered ${answer}`)}${reason !== undefined && html` <small>${reason}</small>`}`
}

function mark(passed: boolean, text: string): Markup {
  return html`<span class="mark ${passed ? 'pass' : 'fail'}"
    ><svg viewBox="0 0 16 16" aria-hidden="true">
      <path d="${passed ? 'M3 8.5l3.5 3.5L13 4.5' : 'M4 4l8 8M12 4l-8 8'}" /></svg
    >${text}</span
  >`
}

function spreadRows(rows: readonly RowPlace[]): readonly RowPlace[] {
  return spread(
    rows,
    ({ category }) => category,
    ({ subtask }) => subtask,
  )
}
