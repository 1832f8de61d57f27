import {
  CANARY_METRICS,
  type CanaryCount,
  canaryMetric,
  readAgreementMetric,
  readCanaryMetric,
} from '@dda-thinker/plugin-api'
import { intervalText, percent } from './bars.ts'
import type { ReportStep } from './report-input.ts'

type Count = Record<CanaryCount, number>

/**
 * What training measured of its judges with questions whose right answer is no, and with those that people have answered
 * (`CANARY_METRICS` of the contract), a sentence of each for each judge. Empty where none were asked.
 */
export function canaryNotes(steps: readonly ReportStep[]): readonly string[] {
  const judges = new Map<string, Map<string, Count>>()
  for (const { metrics } of steps) {
    for (const [name, value] of Object.entries(metrics)) {
      const read = readCanaryMetric(name)
      if (read === undefined) continue
      const { what, judge, kind } = read
      const kinds = judges.get(judge) ?? new Map<string, Count>()
      const count = kinds.get(kind) ?? { asked: 0, passed: 0, failed: 0 }
      count[what] += value
      judges.set(judge, kinds.set(kind, count))
    }
  }
  const alarms = steps.filter(({ metrics }) => (metrics[CANARY_METRICS.alarms] ?? 0) > 0)
  return [
    ...[...judges].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([judge, kinds]) => judgeNote(judge, kinds)),
    ...(alarms.length === 0
      ? []
      : [
          `Canary alarm in ${alarms.length} of ${steps.length} steps, first in step ${alarms[0]?.step ?? 0}: a judge answered yes where no was right more often than the configuration allows. Rewards from then on may reflect that judge and not the pictures.`,
        ]),
    ...agreementNotes(steps),
  ]
}

/** The first and the last figure of each judge, and when one was worse than the first. */
function agreementNotes(steps: readonly ReportStep[]): readonly string[] {
  const checks = new Map<string, ReportStep[]>()
  for (const step of steps) {
    for (const name of Object.keys(step.metrics)) {
      const { judge, figure } = readAgreementMetric(name) ?? {}
      if (judge !== undefined && figure === 'raw') checks.set(judge, [...(checks.get(judge) ?? []), step])
    }
  }
  const dropped = steps.filter(({ metrics }) => (metrics[CANARY_METRICS.drops] ?? 0) > 0)
  return [
    ...[...checks].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([judge, found]) => agreementNote(judge, found)),
    ...(dropped.length === 0
      ? []
      : [
          `Agreement with people dropped in ${dropped.length} of the checks, first in step ${dropped[0]?.step ?? 0}: the whole interval of a judge's rate was below that of its first check. Rewards from then on may reflect another judge.`,
        ]),
  ]
}

function agreementNote(judge: string, checks: readonly ReportStep[]): string {
  const figure = ({ step, metrics }: ReportStep) => {
    const of = (what: string) => metrics[canaryMetric('agreement', judge, what)]
    return `${percent(of('raw'))} (${intervalText({ low: of('raw-low'), high: of('raw-high') })}) in step ${step}`
  }
  const [first, last] = [checks[0], checks.at(-1)] as [ReportStep, ReportStep]
  const later = first === last ? '' : `, and on ${figure(last)}, the last of ${checks.length} checks`
  return `Questions that people have answered, asked while training: ${judge} agreed with them on ${figure(first)}${later}.`
}

function judgeNote(judge: string, kinds: ReadonlyMap<string, Count>): string {
  const sum = (field: CanaryCount) => [...kinds.values()].reduce((total, count) => total + count[field], 0)
  const [asked, passed, failed] = [sum('asked'), sum('passed'), sum('failed')]
  const parts = [...kinds]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${kind} ${count.passed} of ${count.asked}`)
  const rate = asked === 0 ? '' : ` (${percent(passed / asked, 1)})`
  const lost = failed === 0 ? '' : `; ${failed} canaries got no answer`
  return `Canaries, asked outside the reward: ${judge} answered yes to ${passed} of ${asked} questions whose right answer is no${rate}: ${parts.join(', ')}${lost}.`
}
