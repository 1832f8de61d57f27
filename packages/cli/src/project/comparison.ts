import type { EvaluationComparison, Listed, PairedDifference, StatisticsOptions } from '@dda-thinker/evaluation'
import type { LoadedConfig } from '@dda-thinker/config'
import type { Sample } from '@dda-thinker/plugin-api'
import type { EvalArm } from './records.ts'
import { formatTable, signed } from '../terminal/table.ts'
import { cutTo } from '../terminal/text-width.ts'

/** An arm with its samples, each with the checklist of its own record. */
export interface SampledArm extends EvalArm {
  readonly samples: Listed<Sample>
}

/** @throws DdaError `DDA_DATA_MISSING` where the data no longer hold one of the samples */
export async function withSamples(
  arm: EvalArm,
  { config, dir }: Pick<LoadedConfig, 'config' | 'dir'>,
): Promise<SampledArm> {
  const { projectPaths, listSamplesOf } = await import('@dda-thinker/runs')
  return { ...arm, samples: await listSamplesOf(arm.run, [arm], projectPaths(config, dir)) }
}

/** Compares two arms pair by pair. */
export async function compareArms(
  left: SampledArm,
  right: SampledArm,
  options: StatisticsOptions,
): Promise<EvaluationComparison> {
  const { compareEvaluations } = await import('@dda-thinker/evaluation')
  return compareEvaluations(left.rollouts, right.rollouts, left.samples, { ...options, samplesOfB: right.samples })
}

/** Differences over all samples and by category, and of the reward. */
export function comparisonTable(comparison: EvaluationComparison, confidence: number): string {
  const rows = [
    ['solved, all', comparison.solved] as const,
    ...Object.entries(comparison.byCategory).map(([name, difference]) => [`solved, ${name}`, difference] as const),
    ['mean reward', comparison.reward] as const,
  ]
  return formatTable(
    [
      { title: 'b − a' },
      { title: 'pairs', align: 'right' },
      { title: 'difference', align: 'right' },
      { title: `${confidence * 100} % interval`, align: 'right' },
      { title: 'better', align: 'right' },
      { title: 'worse', align: 'right' },
    ],
    rows.map(([name, difference]) => [
      name,
      String(difference.count),
      signed(difference.value),
      intervalText(difference),
      String(difference.better),
      String(difference.worse),
    ]),
  )
}

export function intervalText({ low, high }: PairedDifference): string {
  return low === undefined ? '–' : `${signed(low)} to ${signed(high)}`
}

/** Which samples changed their outcome, what they ask for, and by which questions; the first 20, or all. */
export function flipText({ flips, unpaired }: EvaluationComparison, all: boolean): string {
  const left = unpaired > 0 ? `${unpaired} samples left out: masked or missing on one side.\n` : ''
  if (flips.length === 0) return `${left}No sample changed its outcome.`
  const shown = all ? flips : flips.slice(0, 20)
  const lines = shown.flatMap(({ direction, sampleId, category, subtask, instruction, items, questions }) => [
    `  ${direction === 'gained' ? '+' : '−'} ${sampleId}  ${category}/${subtask}  ${onOneLine(instruction)}`,
    ...items.map((item, i) => `      ${item}: ${onOneLine(questions[i] ?? '')}`),
  ])
  const more = flips.length > shown.length ? `\n  ... and ${flips.length - shown.length} more (--all-flips)` : ''
  return `${left}Flips (+ newly solved, − no longer; with the questions whose answers changed):\n${lines.join('\n')}${more}`
}

/** Columns that one instruction or question takes at most. */
const WIDEST = 160

function onOneLine(text: string): string {
  return cutTo(text.replaceAll(/\s+/g, ' ').trim(), WIDEST)
}
