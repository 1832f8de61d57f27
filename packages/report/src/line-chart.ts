import { html, type Markup } from './html.ts'

export interface Series {
  readonly label: string
  /** Class that colours it: `tone-1` to `tone-6`. */
  readonly tone: string
  /** One value a step; a gap where there is none. */
  readonly values: readonly (number | undefined)[]
}

export interface Chart {
  readonly title: string
  /** One sentence on how to read it. */
  readonly hint: string
  readonly steps: readonly number[]
  readonly series: readonly Series[]
  /** Fixed ends of the vertical axis; absent: from the data. */
  readonly range?: readonly [number, number]
  readonly format: 'percent' | 'number'
}

const WIDTH = 360
const HEIGHT = 190
const LEFT = 44
const RIGHT = 8
const TOP = 8
const BOTTOM = 24
/** More points than pixels only blur the line. */
const MOST_POINTS = 360

/** A small line chart. Raw values are drawn faintly, their exponential moving average on top where there are enough. */
export function lineChart(chart: Chart): Markup | undefined {
  const series = chart.series.filter(({ values }) => values.some((value) => value !== undefined))
  if (series.length === 0 || chart.steps.length < 2) return undefined
  const { steps, columns } = thin(chart.steps, series)
  const marks = ticksOf(chart.range ?? range(columns.flat()))
  const [bottom, top] = [marks[0] ?? 0, marks.at(-1) ?? 1]
  const first = steps[0] ?? 0
  const last = steps.at(-1) ?? first
  const x = (step: number): number => LEFT + ((step - first) / Math.max(last - first, 1)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number): number => TOP + (1 - (value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM)
  const smooth = steps.length >= 20
  const text = (value: number): string => formatValue(value, chart.format)
  const lines = columns.map((values, i) => {
    const tone = series[i]?.tone ?? 'tone-1'
    const raw = html`<path class="line ${tone}${smooth ? ' raw' : ''}" d="${path(steps, values, x, y)}" />`
    return smooth ? [raw, html`<path class="line ${tone}" d="${path(steps, average(values), x, y)}" />`] : raw
  })
  const ticks = marks.map(
    (value) =>
      html`<path class="grid" d="M${LEFT} ${place(y(value))}H${WIDTH - RIGHT}" /><text
          class="tick"
          x="${LEFT - 6}"
          y="${place(y(value) + 4)}"
          text-anchor="end"
          >${text(value)}</text
        >`,
  )
  const data = JSON.stringify({
    steps,
    series: columns.map((values, i) => ({
      label: series[i]?.label,
      values: values.map((value) => (value === undefined ? '–' : text(value))),
    })),
    left: LEFT,
    right: WIDTH - RIGHT,
  })
  return html`<figure class="chart">
    <figcaption><b>${chart.title}</b><span>${chart.hint}</span></figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label="${chart.title}: ${describe(series, chart.format)}"
      data-chart="${data}"
    >
      ${ticks}
      <text class="tick" x="${LEFT}" y="${HEIGHT - 6}">${first}</text>
      <text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${last}</text>
      <text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">step</text>
      ${lines}
      <path class="cursor" d="M0 ${TOP}V${HEIGHT - BOTTOM}" />
    </svg>
    <p class="legend">${series.map(({ label, tone }) => html`<span><i class="${tone}"></i>${label}</span> `)}</p>
    <p class="readout" aria-live="off"></p>
  </figure>`
}

function path(
  steps: readonly number[],
  values: readonly (number | undefined)[],
  x: (step: number) => number,
  y: (value: number) => number,
): string {
  let drawn = ''
  let pen = 'M'
  values.forEach((value, i) => {
    if (value === undefined) {
      pen = 'M'
      return
    }
    drawn += `${pen}${place(x(steps[i] ?? 0))} ${place(y(value))}`
    pen = 'L'
  })
  return drawn
}

/** Exponential moving average with a span of about a tenth of the run, started without bias (Adam's correction). */
function average(values: readonly (number | undefined)[]): (number | undefined)[] {
  const decay = 1 - 2 / (Math.max(4, values.length / 10) + 1)
  let sum = 0
  let weight = 0
  return values.map((value) => {
    if (value === undefined) return undefined
    sum = decay * sum + (1 - decay) * value
    weight = decay * weight + (1 - decay)
    return sum / weight
  })
}

/** Averages runs of neighbouring steps so that at most {@link MOST_POINTS} are left. */
function thin(
  steps: readonly number[],
  series: readonly Series[],
): { readonly steps: readonly number[]; readonly columns: readonly (readonly (number | undefined)[])[] } {
  const size = Math.ceil(steps.length / MOST_POINTS)
  if (size <= 1) return { steps, columns: series.map(({ values }) => values) }
  const starts = steps.flatMap((_, i) => (i % size === 0 ? [i] : []))
  return {
    steps: starts.map((start) => steps[Math.min(start + size, steps.length) - 1] ?? 0),
    columns: series.map(({ values }) =>
      starts.map((start) => {
        const known = values.slice(start, start + size).filter((value) => value !== undefined)
        return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0) / known.length
      }),
    ),
  }
}

function range(values: readonly (number | undefined)[]): readonly [number, number] {
  const known = values.filter((value) => value !== undefined)
  const low = Math.min(...known)
  const high = Math.max(...known)
  return low === high ? [low - Math.max(Math.abs(low), 1) / 2, high + Math.max(Math.abs(high), 1) / 2] : [low, high]
}

/** Round numbers that enclose the range: steps of 1, 2, 2.5 or 5 times a power of ten. */
function ticksOf([low, high]: readonly [number, number]): readonly number[] {
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

function formatValue(value: number, format: Chart['format']): string {
  return format === 'percent' ? `${Number((value * 100).toFixed(1))} %` : String(Number(value.toPrecision(3)))
}

function describe(series: readonly Series[], format: Chart['format']): string {
  const ends = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== undefined)
    const [first, last] = [known[0] ?? 0, known.at(-1) ?? 0]
    return `${label} from ${formatValue(first, format)} to ${formatValue(last, format)}`
  })
  return ends.join('; ')
}

function place(value: number): number {
  return Math.round(value * 10) / 10
}
