import { CANARY_METRICS } from '@dda-thinker/plugin-api'
import { html, type Markup } from './html.ts'
import { type Chart, lineChart, type Series } from './line-chart.ts'
import type { ReportStep } from './report-input.ts'

const TONES = ['tone-1', 'tone-2', 'tone-3', 'tone-4', 'tone-5', 'tone-6']

/** Trainer metrics worth a panel: the first name that the run has is drawn. */
const TRAINER_PANELS: readonly {
  title: string
  hint: string
  lines: readonly { label: string; names: readonly string[] }[]
}[] = [
  {
    title: 'Entropy',
    hint: 'Of the policy, in nats a token. A collapse to zero early on means it stopped exploring.',
    lines: [{ label: 'entropy', names: ['policy/entropy'] }],
  },
  {
    title: 'KL to the reference',
    hint: 'How far the policy has moved from where it started, in nats a token.',
    lines: [{ label: 'KL', names: ['kl/reference'] }],
  },
  {
    title: 'Value loss',
    hint: 'Squared error of the critic.',
    lines: [{ label: 'value loss', names: ['value/loss'] }],
  },
  {
    title: 'Explained variance',
    hint: 'Of the returns by the critic: 1 is perfect, 0 no better than their mean.',
    lines: [
      {
        label: 'explained variance',
        names: ['value/explained-variance', 'value/explained_variance'],
      },
    ],
  },
  {
    title: 'Policy update',
    hint: 'Fraction of tokens clipped, and the approximate KL of one update.',
    lines: [
      { label: 'clip fraction', names: ['policy/clip-fraction', 'policy/clip_fraction'] },
      { label: 'approximate KL', names: ['kl/approx', 'policy/approx_kl'] },
    ],
  },
  {
    title: 'Plan length',
    hint: 'Tokens of a plan, on average.',
    lines: [{ label: 'tokens', names: ['plan/tokens'] }],
  },
  {
    title: 'Format',
    hint: 'Fraction of plans that keep to their format.',
    lines: [{ label: 'in format', names: ['plan/format_ok'] }],
  },
  {
    title: 'Canaries passed',
    hint: 'Share of the questions put to the judges outside the reward that they answered yes where no was right.',
    lines: [{ label: 'pass rate', names: [CANARY_METRICS.passRate] }],
  },
  {
    title: 'Gradient norm',
    hint: 'Before clipping.',
    lines: [{ label: 'gradient norm', names: ['gradient/norm', 'policy/grad-norm'] }],
  },
]

/** All training curves; absent for an evaluation without training. */
export function curvesSection(steps: readonly ReportStep[]): Markup | undefined {
  if (steps.length < 2) return undefined
  const x = steps.map(({ step }) => step)
  const column = (read: (step: ReportStep) => number | undefined): (number | undefined)[] =>
    steps.map((step) => finite(read(step)))
  const named = (names: Iterable<string>, read: (step: ReportStep, name: string) => number | undefined): Series[] =>
    [...new Set(names)].toSorted().map((name, i) => ({
      label: name,
      tone: TONES[i % TONES.length] ?? 'tone-1',
      values: column((step) => read(step, name)),
    }))
  const components = steps.flatMap((step) => Object.keys(step.components))
  const categories = steps.flatMap((step) => Object.keys(step.solvedByCategory))
  const charts: Chart[] = [
    {
      title: 'Reward',
      hint: 'Mean total over scored rollouts of the step.',
      steps: x,
      series: [{ label: 'mean reward', tone: 'tone-1', values: column((step) => step.reward) }],
      format: 'number',
    },
    {
      title: 'Reward components',
      hint: 'Unweighted means, each between 0 and 1.',
      steps: x,
      series: named(components, (step, name) => step.components[name]),
      range: [0, 1],
      format: 'number',
    },
    {
      title: 'Solved while training',
      hint: 'Sampled rollouts with every item passed; training samples, so not the held-out figure.',
      steps: x,
      series: [{ label: 'solved', tone: 'tone-1', values: column((step) => step.solved) }],
      range: [0, 1],
      format: 'percent',
    },
    {
      title: 'Solved by category',
      hint: 'The same, split by what the instruction asks for.',
      steps: x,
      series: named(categories, (step, name) => step.solvedByCategory[name]),
      range: [0, 1],
      format: 'percent',
    },
    ...TRAINER_PANELS.map(({ title, hint, lines }) => ({
      title,
      hint,
      steps: x,
      series: lines.map(({ label, names }, i) => {
        const name = names.find((name) => steps.some(({ metrics }) => metrics[name] !== undefined))
        return {
          label,
          tone: TONES[i] ?? 'tone-1',
          values: column((step) => (name === undefined ? undefined : step.metrics[name])),
        }
      }),
      format: 'number' as const,
    })),
  ]
  const drawn = charts.flatMap((chart) => lineChart(chart) ?? [])
  return html`<section id="curves">
    <h2>Training curves</h2>
    <p class="lede">${steps.length} updates. Faint lines are single steps, strong lines their moving average.</p>
    <div class="charts">${drawn}</div>
  </section>`
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined
}
