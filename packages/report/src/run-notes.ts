import { armFacts } from './arm-facts.ts'
import { percent } from './bars.ts'
import { canaryNotes } from './canary-note.ts'
import { html, type Markup } from './html.ts'
import { scrolled } from './scrolled.ts'
import type { ReportInput } from './report-input.ts'

/** Config, seeds, times, fingerprints. */
export function runSection(input: ReportInput): Markup {
  const { setup, train, total } = input.seconds
  const rows = [
    { label: 'Run', value: input.run },
    { label: 'Seed', value: String(input.seed) },
    ...(setup === undefined ? [] : [{ label: 'Setup', value: duration(setup) }]),
    ...(train === undefined ? [] : [{ label: 'Training', value: duration(train) }]),
    ...(total === undefined ? [] : [{ label: 'Total', value: duration(total) }]),
    ...new Map(input.arms.map(({ editor }) => [editor, { label: 'Editor', value: editor }])).values(),
    ...input.arms.map(({ label, thinker }) => ({ label: `Thinker: ${label}`, value: thinker })),
    ...input.facts,
  ]
  return factsSection(rows, input.config, lastMetrics(input))
}

/** Rows of facts, and the whole configuration. */
export function factsSection(rows: ReportInput['facts'], config: string, more?: Markup): Markup {
  return html`<section id="how">
    <h2>How it was run</h2>
    <dl class="facts">
      ${rows.map(
        ({ label, value }) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <details>
      <summary>The whole configuration</summary>
      <pre>${config}</pre>
    </details>
    ${more}
  </section>`
}

/** What a reader must know before believing a number, written from the data. */
export function honestNotes(input: ReportInput): readonly string[] {
  const masked = input.arms.map((arm) => {
    const { summary: evaluation, outcomes } = armFacts(arm, input)
    const kinds = Object.entries(evaluation.masked).map(([kind, count]) => `${kind} ${count}`)
    const missing = input.samples.length - outcomes.countSamples()
    const left = evaluation.rollouts - evaluation.counted
    const why = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
    return `${arm.label}: ${left} of ${evaluation.rollouts} rollouts masked${why}, coverage ${percent(evaluation.coverage, 1)}${
      missing > 0 ? `, ${missing} samples without a rollout` : ''
    }${evaluation.gated > 0 ? `, ${evaluation.gated} gated and counted as unsolved` : ''}.`
  })
  const stepsMasked = input.steps.reduce((sum, step) => sum + step.masked, 0)
  const stepsAll = input.steps.reduce((sum, step) => sum + step.masked + step.scored + step.gated, 0)
  const editors = new Set(input.arms.map(({ editor }) => editor))
  return [
    'A rollout whose Editor or judge failed is masked: it leaves both the numerator and the denominator and is never counted as 0.',
    ...masked,
    ...input.arms.map((arm) => failureNote(arm, input)),
    ...(stepsAll > 0 ? [`Training: ${stepsMasked} of ${stepsAll} rollouts masked.`] : []),
    ...canaryNotes(input.steps),
    ...(editors.size > 1
      ? ['The arms were evaluated under different Editors: their difference is not the Thinker’s alone.']
      : []),
    ...(input.split === 'held-out'
      ? []
      : [`The split is “${input.split}”, not held-out: these figures may be optimistic.`]),
    `Intervals (${percent(input.confidence)}) cover which samples were drawn, not the variation between training seeds: this is one run with seed ${input.seed}.`,
    'Solved means that the judges said so for every item; their own accuracy bounds what the figure can mean.',
    ...input.notes,
  ]
}

/** Whether plan or picture was at fault where a sample was not solved. */
function failureNote(arm: ReportInput['arms'][number], input: ReportInput): string {
  const { planWrong, imageWrong, unattributed } = armFacts(arm, input).failures
  const unclear = unattributed === 0 ? '' : `, ${unattributed} where nothing was asked of the plan`
  return `${arm.label}, unsolved: ${planWrong} with a wrong plan, ${imageWrong} with a right plan and a wrong picture${unclear}.`
}

export function notesSection(notes: readonly string[]): Markup {
  return html`<section id="notes">
    <h2>Honest notes</h2>
    <ul>
      ${notes.map((note) => html`<li>${note}</li>`)}
    </ul>
  </section>`
}

function lastMetrics(input: ReportInput): Markup | undefined {
  const [first, last] = [input.steps[0], input.steps.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const names = Object.keys(last.metrics).toSorted()
  return html`<details>
    <summary>All trainer metrics, first and last step</summary>
    ${scrolled(
      'Trainer metrics',
      html`<table class="wide">
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" class="num">step ${first.step}</th>
            <th scope="col" class="num">step ${last.step}</th>
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name) =>
              html`<tr>
                <th scope="row"><code>${name}</code></th>
                <td class="num">${significant(first.metrics[name])}</td>
                <td class="num">${significant(last.metrics[name])}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </details>`
}

function significant(value: number | undefined): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(4)))
}

/** `2 min 05 s`, `42 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
