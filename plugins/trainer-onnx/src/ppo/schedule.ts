export interface Schedule {
  /** After the warm-up: stay at `peak`, or fall to `floor` in a line or along half a cosine. */
  readonly kind: 'constant' | 'linear' | 'cosine'
  /** Learning rate at the end of the warm-up. */
  readonly peak: number
  /** Optimiser steps of linear warm-up; the first one takes peak / warmup. Default 0. */
  readonly warmup?: number
  /** Optimiser steps in all, warm-up included; `linear` and `cosine` stay at `floor` after them. */
  readonly total?: number
  /** Learning rate at the end. Default 0. */
  readonly floor?: number
}

/**
 * The learning rate of an optimiser step, counted from 0. The first step after the warm-up takes `peak`; step `total`
 * would take `floor`. Without `total` there is no fall.
 */
export function learningRate(schedule: Schedule, step: number): number {
  const { kind, peak, warmup = 0, total, floor = 0 } = schedule
  if (step < warmup) return (peak * (step + 1)) / warmup
  if (kind === 'constant' || total === undefined) return peak
  const progress = Math.min((step - warmup) / Math.max(total - warmup, 1), 1)
  const left = kind === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2
  return floor + (peak - floor) * left
}
