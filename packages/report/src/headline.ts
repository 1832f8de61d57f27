import { summaryOf } from './arm-facts.ts'
import { baselineArm, subjectArm, toneOf } from './arms.ts'
import { intervalText, percent, points, proportionBar } from './bars.ts'
import type { SolvedSummary } from '@dda-thinker/evaluation'
import { gainOf } from './gain.ts'
import { html, type Markup } from './html.ts'
import type { ReportArm, ReportInput } from './report-input.ts'

/** Title and the finding in one sentence. */
export function titleBlock(input: ReportInput): Markup {
  return html`<header class="top">
    <p class="eyebrow">DDA-Thinker · ${input.steps.length > 0 ? 'training' : 'evaluation'} report</p>
    <h1>${input.project}</h1>
    <p class="lede">${sentence(input, evaluateArms(input))}</p>
    <p class="meta">Run <code>${input.run}</code> · seed ${input.seed} · ${input.createdAt.slice(0, 10)}</p>
  </header>`
}

/** One figure an arm. */
export function figuresBlock(input: ReportInput): Markup {
  return html`<section id="headline" class="figures">
    ${evaluateArms(input).map(({ arm, evaluation }) => {
      const { solved } = evaluation
      return html`<div class="figure ${toneOf(arm, input)}">
        <span class="name">${arm.label}</span><b>${percent(solved.value)}</b>
        <span class="detail">solved · ${intervalText(solved)} · n = ${solved.count}</span>
      </div>`
    })}
  </section>`
}

/** The bars by category. */
export function resultsSection(input: ReportInput): Markup {
  const arms = evaluateArms(input)
  const categories = [...new Set(arms.flatMap(({ evaluation }) => Object.keys(evaluation.byCategory)))].toSorted()
  const rows = [
    { name: 'All samples', of: ({ solved }: SolvedSummary) => solved },
    ...categories.map((name) => ({
      name,
      of: ({ byCategory }: SolvedSummary) => byCategory[name] ?? { count: 0 },
    })),
  ]
  return html`<section id="by-category">
    <h2>${heldOut(input)} samples solved</h2>
    <p class="lede">Every item of both checklists passed. Whiskers: ${percent(input.confidence)} Wilson intervals.</p>
    <div class="bars">
      ${rows.map(
        ({ name, of }) =>
          html`<h3>${name}</h3>
            <div class="group">
              ${arms.map(({ arm, evaluation }) => {
                const estimate = of(evaluation)
                const label = `${arm.label}, ${name}: ${percent(estimate.value)} of ${estimate.count}`
                return html`<div class="row">
                  <span class="name">${arm.label}</span>${proportionBar(estimate, toneOf(arm, input), label)}<span
                    class="number"
                    ><b>${percent(estimate.value)}</b> <small>${intervalText(estimate)}</small></span
                  >
                </div>`
              })}
            </div>`,
      )}
      <div class="row scale" aria-hidden="true">
        <span class="name"></span><span class="ticks"><i>0</i><i>25</i><i>50</i><i>75</i><i>100 %</i></span
        ><span class="number"></span>
      </div>
    </div>
  </section>`
}

function sentence(input: ReportInput, arms: readonly { arm: ReportArm; evaluation: SolvedSummary }[]): string {
  const subject = subjectArm(input)
  const baseline = baselineArm(input)
  const of = (arm: ReportArm | undefined) => arms.find((entry) => entry.arm === arm)?.evaluation.solved
  const solved = of(subject)
  if (subject === undefined || solved?.value === undefined) return 'Nothing could be scored in this evaluation.'
  const head = `On ${input.samples.length} ${heldOut(input).toLowerCase()} samples, “${subject.label}” solved ${percent(solved.value)}`
  const before = of(baseline)
  if (baseline === undefined || before?.value === undefined) return `${head}.`
  const difference = gainOf(input)?.solved
  if (difference === undefined) return `${head}.`
  const change = `${points(difference.value)} points (${points(difference.low)} to ${points(difference.high)}, paired)`
  return `${head} and “${baseline.label}” ${percent(before.value)}: a change of ${change}, under the same fixed Editor and seed.`
}

function heldOut(input: ReportInput): string {
  return input.split === 'held-out' ? 'Held-out' : `“${input.split}”`
}

function evaluateArms(input: ReportInput): readonly { readonly arm: ReportArm; readonly evaluation: SolvedSummary }[] {
  return input.arms.map((arm) => ({ arm, evaluation: summaryOf(arm, input) }))
}
