import type { Answer } from './verdict-json.ts'

/**
 * One answer out of several samples. Soft scores: their mean, `unsure` within `margin` of one half. Hard answers: the one
 * that more than half gave, else `unsure`; the probability is then the mean with `unsure` as one half.
 */
export function combine(samples: readonly Answer[], margin: number): Answer {
  const [first] = samples
  if (first === undefined) throw new RangeError('no samples')
  const soft = samples.flatMap(({ probability }) => (probability === undefined ? [] : [probability]))
  if (soft.length === samples.length) return fromProbability(mean(soft), margin)
  if (samples.length === 1) return first
  const answer = (['yes', 'no'] as const).find(
    (one) => samples.filter((sample) => sample.answer === one).length > samples.length / 2,
  )
  const probability = mean(samples.map((sample) => ({ yes: 1, unsure: 0.5, no: 0 })[sample.answer]))
  const reason = samples.find((sample) => sample.answer === (answer ?? 'unsure'))?.reason
  return { answer: answer ?? 'unsure', probability, ...(reason === undefined ? {} : { reason }) }
}

export function fromProbability(probability: number, margin: number): Answer {
  const away = Math.abs(probability - 0.5)
  const answer = away === 0 || away < margin ? 'unsure' : probability > 0.5 ? 'yes' : 'no'
  return { answer, probability }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
