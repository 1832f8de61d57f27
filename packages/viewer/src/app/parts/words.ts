import type { Rollout } from '../../wire/view-data.ts'

/** What the Editor was told, or in words that there is nothing. */
export function executableOf(plan: Rollout['plan']): string {
  if (plan === undefined) return 'No plan.'
  return plan.executable === '' ? 'Nothing that could be executed.' : plan.executable
}

/** A reward, with three digits. */
export function figure(value: number | undefined | null): string {
  if (value === undefined || value === null || Number.isNaN(value)) return '–'
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 3)
}

/** With its sign; what is shown as zero has none. */
export function signed(value: number): string {
  const text = figure(Math.abs(value))
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

export function percent(value: number | undefined): string {
  return value === undefined ? '–' : `${(value * 100).toFixed(1)} %`
}

export function count(value: number): string {
  return value.toLocaleString('en')
}

export function when(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })
}
