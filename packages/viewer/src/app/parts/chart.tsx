import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import { useScheme } from '../state/use-scheme.ts'

/** A line of a chart. */
export interface ChartLine {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** Lines of one run have one colour. */
  readonly run: number
  readonly faint?: boolean
}

interface ChartProps {
  readonly title: string
  readonly steps: readonly number[]
  readonly lines: readonly ChartLine[]
}

const HEIGHT = 220

/** Steps are counted: there is nothing between two of them. */
const STEP_INCREMENTS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((unit) => [unit, 2 * unit, 5 * unit])

/** Curves over steps. Dragging zooms, a double click shows all; the pointer is at one step in all charts. */
export function Chart({ title, steps, lines }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const scheme = useScheme()
  const key = `${steps.length} ${steps.at(-1)} ${lines.map(({ label }) => label).join()}`
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const colour = (place: number) => resolved(element, `var(--line-${place % 6})`)
    const axis = {
      stroke: resolved(element, 'var(--text)'),
      grid: { stroke: resolved(element, 'var(--rule)'), width: 1 },
    }
    const chart = new UPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        cursor: { sync: { key: 'steps' } },
        scales: { x: { time: false } },
        axes: [
          { ...axis, incrs: STEP_INCREMENTS },
          { ...axis, size: 64, values: (_chart, splits) => splits.map(tick) },
        ],
        series: [
          { label: 'step' },
          ...lines.map(({ label, run, faint }, i) => ({
            label,
            stroke: colour(lines.some((one) => one.run !== run) ? run : i),
            width: faint === true ? 1 : 2,
            ...(faint === true ? { dash: [4, 4] } : {}),
            spanGaps: true,
            points: { show: steps.length < 40, size: 4 },
            value: (_chart: UPlot, value: number | null) => (value === null ? '–' : short(value, 4)),
          })),
        ],
      },
      [[...steps], ...lines.map(({ values }) => [...values])],
      element,
    )
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [key, scheme])
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div
        ref={frame}
        role="img"
        aria-label={`${title}: ${lines.map(({ label, values }) => `${label} ${values.findLast((value) => value !== null) ?? '–'}`).join(', ')}`}
      />
    </figure>
  )
}

/** As many digits as tell a tick from its neighbours; those that calculating left behind are none. */
function tick(value: number): string {
  return short(value, 6)
}

function short(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)))
}

/** A colour as a canvas takes it: without the names and the choice by scheme that style sheets have. */
function resolved(element: HTMLElement, colour: string): string {
  const probe = document.createElement('span')
  probe.style.color = colour
  element.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}
