import type { Estimate } from '@dda-thinker/evaluation'
import { html, type Markup } from './html.ts'

/** `87.5 %`, without a decimal where it is whole; a dash where nothing was counted. */
export function percent(value: number | undefined, digits = 0): string {
  return value === undefined ? '–' : `${(value * 100).toFixed(digits)}\u00A0%`
}

/** `83–92 %`. */
export function intervalText({ low, high }: { readonly [End in 'low' | 'high']?: number | undefined }): string {
  return low === undefined || high === undefined ? '' : `${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)}\u00A0%`
}

/** `+31` percentage points, with a true minus sign. */
export function points(value: number | undefined): string {
  if (value === undefined) return '–'
  const rounded = Math.round(value * 100)
  return rounded > 0 ? `+${rounded}` : rounded < 0 ? `−${-rounded}` : '0'
}

/**
 * A proportion as a bar with its interval as a whisker, on a scale from 0 to 1. The drawing stretches with its column, so
 * all text stays outside of it, in HTML.
 */
export function proportionBar(estimate: Estimate, tone: string, label: string): Markup {
  const { value = 0, low = value, high = value } = estimate
  return html`<svg class="bar ${tone}" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="${label}">
    ${grid()}
    <rect class="fill" x="0" y="3" width="${round(value * 100)}" height="10" />
    ${estimate.count > 0 && whisker(low * 100, high * 100)}
  </svg>`
}

/** A difference in [-1, 1] as a dot with its interval, zero in the middle. */
export function differenceBar(estimate: Estimate, label: string): Markup {
  const { value = 0, low = value, high = value } = estimate
  const tone = low > 0 ? 'up' : high < 0 ? 'down' : 'even'
  return html`<svg class="bar ${tone}" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="${label}">
    <path class="zero" d="M50 0V16" />
    <rect
      class="fill"
      x="${round(Math.min(50, across(value)))}"
      y="5"
      width="${round(Math.abs(value) * 50)}"
      height="6"
    />
    ${whisker(across(low), across(high))}
  </svg>`
}

function whisker(low: number, high: number): Markup {
  return html`<path class="whisker" d="M${round(low)} 8H${round(high)}M${round(low)} 4V12M${round(high)} 4V12" />`
}

function grid(): Markup {
  return html`<path class="grid" d="M25 0V16M50 0V16M75 0V16" /><path class="axis" d="M0 0V16M100 0V16" />`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function across(difference: number): number {
  return 50 + difference * 50
}
