import { expect, test } from 'vitest'
import { lineChart } from './line-chart.ts'

const steps = Array.from({ length: 30 }, (_, i) => i + 1)

function chart(values: readonly (number | undefined)[], range?: readonly [number, number]) {
  const series = [{ label: 'reward', tone: 'tone-1', values }]
  const base = { title: 'Reward', hint: 'h', steps: steps.slice(0, values.length), series, format: 'number' as const }
  return lineChart(range === undefined ? base : { ...base, range })?.markup ?? ''
}

/** Vertical positions of the points of the last path: the smoothed line. */
function heights(markup: string): number[] {
  const path = [...markup.matchAll(/class="line[^"]*" d="([^"]*)"/g)].at(-1)?.[1] ?? ''
  return [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y))
}

test('higher values are drawn higher, within the frame', () => {
  const ys = heights(chart(steps.map((step) => step / 30)))
  expect(ys).toHaveLength(30)
  expect(ys).toEqual(ys.toSorted((a, b) => b - a))
  expect(Math.min(...ys)).toBeGreaterThanOrEqual(8)
  expect(Math.max(...ys)).toBeLessThanOrEqual(166)
})

test('ticks are round numbers that enclose the data', () => {
  const markup = chart(steps.map((step) => 0.412 + step / 50))
  const texts = [...markup.matchAll(/<text[^>]*text-anchor="end"[^>]*>([^<]*)</g)].map(([, text]) => Number(text))
  // The last one is the step at the right end.
  const scale = texts.slice(0, -1)
  expect(scale).toEqual([0.4, 0.6, 0.8, 1, 1.2])
})

test('a gap in the data is a gap in the line, and a constant is still drawn', () => {
  const gap = chart([1, 2, undefined, 4, 5])
  expect(gap.match(/d="M[^"]*M/)).not.toBeNull()
  expect(heights(chart([3, 3, 3]))).toHaveLength(3)
  expect(chart([3, 3, 3])).not.toContain('NaN')
})

test('a moving average starts without bias', () => {
  const ys = heights(
    chart(
      steps.map(() => 1),
      [0, 1],
    ),
  )
  expect(new Set(ys).size).toBe(1)
})

test('nothing to draw gives no panel', () => {
  expect(chart(steps.map(() => undefined))).toBe('')
  expect(chart([1])).toBe('')
})

test('very long runs are thinned to as many points as pixels', () => {
  const long = Array.from({ length: 5000 }, (_, i) => i)
  const series = [{ label: 'x', tone: 'tone-1', values: long }]
  const markup = lineChart({ title: 't', hint: '', steps: long, series, format: 'number' })?.markup ?? ''
  expect(heights(markup).length).toBeLessThanOrEqual(360)
})
