import { mean } from '@dda-thinker/evaluation'
import type { WorldResult } from './summary.ts'

const [WIDTH, LEFT, RIGHT, ROW] = [760, 190, 30, 22]

/**
 * Held-out items passed, reward by reward: dots are seeds, the bar their mean, the dashed line the untrained policy. One panel a world and
 * budget.
 */
export function plot(results: readonly WorldResult[]): string {
  let top = 16
  const panels = results.map((result) => {
    const drawn = panel(result, top)
    top += 56 + ROW * result.arms.length
    return drawn
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.max(top, 40)}" font-family="system-ui, sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="#fff"/>${panels.join('')}</svg>\n`
  )
}

function panel({ world, budget, base, arms }: WorldResult, top: number): string {
  const values = [base.passed, ...arms.flatMap(({ passed }) => passed)]
  const low = Math.floor(20 * Math.min(...values)) / 20
  const high = Math.max(low + 0.05, Math.ceil(20 * Math.max(...values)) / 20)
  const x = (value: number): string => (LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const bottom = top + 26 + ROW * arms.length
  const ticks = Array.from({ length: Math.round((high - low) / 0.05) + 1 }, (_, i) => low + i * 0.05).map(
    (value) =>
      `<line x1="${x(value)}" x2="${x(value)}" y1="${top + 12}" y2="${bottom - 8}" stroke="#ddd"/>` +
      `<text x="${x(value)}" y="${bottom + 6}" text-anchor="middle" fill="#555">${Math.round(100 * value)} %</text>`,
  )
  const rows = arms.map(({ arm, passed }, i) => {
    const y = top + 26 + ROW * i
    const dots = passed.map((value) => `<circle cx="${x(value)}" cy="${y}" r="3.5" fill="#0b7a75" fill-opacity=".5"/>`)
    const at = x(mean(passed))
    const bar = `<line x1="${at}" x2="${at}" y1="${y - 8}" y2="${y + 8}" stroke="#0b7a75" stroke-width="3"/>`
    return `<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${arm}</text>${dots.join('')}${bar}`
  })
  const untrained = `<line x1="${x(base.passed)}" x2="${x(base.passed)}" y1="${top + 12}" y2="${bottom - 8}" stroke="#c8553d" stroke-dasharray="4 3"/>`
  const title = `<text x="12" y="${top + 4}" font-weight="600">${world}, ${budget}: held-out items passed</text>`
  return [title, ...ticks, untrained, ...rows].join('')
}
