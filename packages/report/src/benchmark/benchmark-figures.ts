import { benchmarkCoverage, type Estimate } from '@dda-thinker/evaluation'
import { percent } from '../bars.ts'
import { html, type Markup } from '../html.ts'
import { scrolled } from '../scrolled.ts'
import { type BenchmarkReportInput, benchmarkSubject } from './benchmark-input.ts'

/** Title and the finding in one sentence. */
export function benchmarkTitle(input: BenchmarkReportInput): Markup {
  return html`<header class="top">
    <p class="eyebrow">DDA-Thinker · ${input.record.name} report</p>
    <h1>${input.project}</h1>
    <p class="lede">${sentence(input)}</p>
    <p class="meta">Run <code>${input.run}</code> · seed ${input.seed} · ${input.createdAt.slice(0, 10)}</p>
  </header>`
}

function sentence(input: BenchmarkReportInput): string {
  const { record } = input
  const { name, primary, thinkers, differences, samples, confidence } = record
  const subject = benchmarkSubject(input)
  const estimate = subject === undefined ? undefined : thinkers[subject]?.primary
  if (subject === undefined || estimate?.value === undefined) {
    return `Nothing was judged: the pictures of ${samples.length} items of ${name} are made, and the official script can judge them.`
  }
  const head = `On ${samples.length} items of ${name}, “${subject}” comes to ${figure(estimate.value)} ${primary}`
  const difference = differences.find(({ b }) => b === subject)
  if (difference?.value === undefined) return `${head}.`
  const { a, value, low, high, better, worse } = difference
  return `${head}, ${signedFigure(value)} against “${a}” (${signedFigure(low)} to ${signedFigure(high)}, paired, ${percent(confidence)}): better in ${better} items, worse in ${worse}, under the same fixed Editor and seed.`
}

/** The figure by which Thinkers are compared, with intervals, and what it rests on. */
export function benchmarkResults({ record }: BenchmarkReportInput): Markup {
  const { primary, thinkers, differences, confidence, rules } = record
  const arms = Object.entries(thinkers)
  const tone = (at: number) => (at === arms.length - 1 ? 'arm-subject' : at === 0 ? 'arm-baseline' : 'arm-other')
  const categories = [...new Set(arms.flatMap(([, arm]) => Object.keys(arm.primaryByCategory ?? {})))]
  const told = Object.entries(rules).map(([rule, value]) => `${rule} ${value}`)
  return html`<section id="headline" class="figures">
      ${arms.map(
        ([name, arm], at) =>
          html`<div class="figure ${tone(at)}">
            <span class="name">${name}</span><b>${figure(arm.primary?.value)}</b>
            <span class="detail">${primary} · ${interval(arm.primary)} · n = ${arm.primary?.count ?? 0}</span>
          </div>`,
      )}
    </section>
    <section id="results">
      <h2>Results</h2>
      <p class="lede">
        Rules: ${told.join(', ')}. Intervals: ${percent(confidence)}, Wilson for what is 0 or 1 in each item, else a
        bootstrap.
      </p>
      ${table(
        [primary, ...arms.map(([name]) => name)],
        [
          ['All items', ...arms.map(([, { primary: estimate }]) => withInterval(estimate))],
          ...categories.map((category) => [
            category,
            ...arms.map(([, { primaryByCategory }]) => withInterval(primaryByCategory?.[category])),
          ]),
        ],
      )}
      <h3>Against “${arms[0]?.[0] ?? ''}”, item by item</h3>
      ${table(
        ['Thinker', 'Difference', 'Pairs', 'Better', 'Worse', 'Same', 'Without a pair'],
        differences.map(({ b, value, low, high, count, better, worse, same, unpaired }) => [
          b,
          `${signedFigure(value)} (${signedFigure(low)} to ${signedFigure(high)})`,
          ...[count, better, worse, same, unpaired].map(String),
        ]),
      )}
      <h3>What the figures rest on</h3>
      ${table(
        ['Thinker', 'Items', 'Edited', 'All answers usable', 'Unparsable in', 'Missing in'],
        arms.map(([name, { edited, scores }]) => {
          const coverage = scores === undefined ? undefined : benchmarkCoverage(scores)
          return [
            name,
            String(record.samples.length),
            String(edited),
            percent(coverage?.coverage, 1),
            String(coverage?.unparsable ?? '–'),
            String(coverage?.missing ?? '–'),
          ]
        }),
      )}
    </section>`
}

/** Every row of the official table; undefined where nothing was judged. */
export function benchmarkRows({ record }: BenchmarkReportInput): Markup | undefined {
  const scored = Object.entries(record.thinkers).flatMap(([name, { scores }]) =>
    scores === undefined ? [] : [{ name, rows: scores.rows.filter(({ n }) => n > 0) }],
  )
  if (scored.length === 0) return undefined
  return html`<section id="rows">
    <h2>The official table</h2>
    ${scored.map(({ name, rows }) => {
      const figures = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))]
      const lines = rows.map((row) => [
        row.name,
        String(row.n),
        String(row.measured),
        ...figures.map((key) => (key in row.figures ? figure(row.figures[key]) : '')),
      ])
      return html`<h3>${name}</h3>
        ${table(['', 'n', 'measured', ...figures], lines)}`
    })}
  </section>`
}

/** The first column are the names of rows, the others figures. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return scrolled(
    titles.filter((title) => title !== '').join(', '),
    html`<table class="wide">
      <thead>
        <tr>
          ${titles.map((title, at) => html`<th scope="col" ${at > 0 && html` class="num"`}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name = '', ...cells]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td class="num">${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** Fractions and scales of five or a hundred alike; a dash where nothing was measured. */
export function figure(value: number | null | undefined): string {
  if (value === undefined || value === null) return '–'
  return value.toFixed(Math.abs(value) > 10 ? 2 : 3)
}

function signedFigure(value: number | undefined): string {
  if (value === undefined) return '–'
  const text = figure(Math.abs(value))
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`
}

function interval(estimate: Estimate | undefined): string {
  return estimate?.low === undefined ? 'not measured' : `${figure(estimate.low)} to ${figure(estimate.high)}`
}

function withInterval(estimate: Estimate | undefined): string {
  if (estimate?.value === undefined) return '–'
  return `${figure(estimate.value)} (${interval(estimate)})`
}
