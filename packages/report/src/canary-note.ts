import { CANARY_METRICS, type CanaryCount, readCanaryMetric } from '@dda-thinker/plugin-api'
import { percent } from './bars.ts'
import type { ReportStep } from './report-input.ts'

type Count = Record<CanaryCount, number>

/**
 * What training measured of its judges with questions whose right answer is no (`CANARY_METRICS` of the
 * contract), a sentence for each judge. Empty where none were asked.
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
  ]
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
