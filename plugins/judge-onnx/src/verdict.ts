import type { Verdict } from '@dda-thinker/plugin-api'
import type { Bounds, Measurement } from './check.ts'

type Answer = Pick<Verdict, 'answer' | 'probability' | 'reason'>

/**
 * A measured value → yes between the bounds, no outside them, unsure within `margin` of one. With `scale`, the probability
 * of yes is logistic in the distance to the nearer bound: 0.5 at the bound, 0.73 one `scale` inside.
 */
export function answerOf(
  value: number,
  { kind, min, max, margin = 0, scale }: Bounds & Pick<Measurement, 'kind'>,
): Answer {
  const inside = Math.min(min === undefined ? Infinity : value - min, max === undefined ? Infinity : max - value)
  const answer = margin > 0 && Math.abs(inside) < margin ? 'unsure' : inside >= 0 ? 'yes' : 'no'
  const asked = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`].filter(Boolean)
  return {
    answer,
    reason: `${kind} ${shown(value)}, asked for ${asked.join(' and ')}`,
    ...(scale === undefined ? {} : { probability: 1 / (1 + Math.exp(-inside / scale)) }),
  }
}

function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : 'infinite (equal)'
}
