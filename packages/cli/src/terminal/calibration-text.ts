import type {
  Agreement,
  Calibration,
  CalibrationComparison,
  RecordedCalibration,
  Spending,
} from '@dda-thinker/evaluation'
import type { Cost } from '@dda-thinker/plugin-api'
import { figure, withInterval } from './table.ts'

/**
 * How far a judge agrees with people, in two lines: what it rests on too little for is said in words and has no figure.
 *
 * @param least answers that a rate needs
 */
export function agreementText(found: Calibration, least: number): string {
  const { count, raw, sensitivity, specificity } = found
  return [
    raw.value === undefined
      ? `agreement with people ${rateText(raw, least)}`
      : `agrees with people on ${rateText(raw, least)} of ${count} answers, ${kappaText(found)}`,
    `    passes found ${rateText(sensitivity, least)}, fails found ${rateText(specificity, least)}`,
  ].join('\n')
}

/** How far the judges of before and of now agree with people, and where they differ. */
export function comparedText(compared: CalibrationComparison): string {
  const { questions, of, before, after, gained, lost, least } = compared
  const line = (when: string, { judges, ...found }: RecordedCalibration) => {
    const without = found.unanswered === 0 ? '' : `\n    ${found.unanswered} questions without an answer`
    const each = judges.length < 2 ? [] : judges.map(({ judge, ...one }) => eachText(judge, one))
    return `  ${when}: ${agreementText(found, least)}${without}${each.join('')}`
  }
  const eachText = (judge: string, one: Calibration) =>
    `\n    ${judge} ${agreementText(one, least).replaceAll('\n', '\n  ')}`
  return [
    `Calibration, ${questions} of ${of} questions:`,
    line('before', before),
    line('now', after),
    `  answers that people give: ${gained} gained, ${lost} lost`,
  ].join('\n')
}

/** `88 % (83–92)`, or that it is not measured and why. */
export function rateText({ count, value, low, high }: Agreement['raw'], least: number): string {
  if (value !== undefined) return withInterval(value, low, high)
  return `not measured (${count} answers, ${least} are needed)`
}

/** `kappa 0.40 (0.15 to 0.65)`. */
export function kappaText({ kappa, kappaInterval: interval }: Calibration): string {
  if (kappa === undefined) return 'kappa not measured'
  const between = interval === undefined ? '' : ` (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`
  return `kappa ${kappa.toFixed(2)}${between}`
}

/** What questions to judges cost: only what plugins told is a figure. */
export function costText(spending: readonly Spending[], { money, inputTokens, outputTokens }: Cost): string {
  const sum = (key: 'results' | 'calls') => spending.reduce((total, row) => total + (row[key] ?? 0), 0)
  const calls = sum('calls')
  const parts = [
    `${sum('results')} judgements`,
    calls === 0 ? 'no calls of a service were told' : `${calls} calls`,
    ...(inputTokens === undefined && outputTokens === undefined
      ? []
      : [`${inputTokens ?? 0} tokens in, ${outputTokens ?? 0} out`]),
    ...(money === undefined ? [] : [`${figure(money)} of money`]),
  ]
  return parts.join(', ')
}
