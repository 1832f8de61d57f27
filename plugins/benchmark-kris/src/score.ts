import { mean, percentageOfFive, row } from '@dda-thinker/benchmark-kit'
import type { BenchmarkAnswers, BenchmarkItem, BenchmarkRow, BenchmarkScores } from '@dda-thinker/plugin-api'
import { DIMENSIONS, KNOWLEDGE, METRICS, dimensionOf, type Metric } from './folders.ts'
import { judge, type Scores } from './item-scores.ts'
import type { KrisOptions } from './options.ts'
import { temporalTask } from './temporal-task.ts'

interface Scored {
  readonly item: BenchmarkItem
  readonly scores: Scores
}

/**
 * The rows of KRIS-Bench's summary, 0 to 100. `pooled`: all scores of all items of a group in one mean, so that an item with a knowledge
 * score weighs more. `per-sample`: the mean of each item's own mean. What is missing is in no mean, and is among the problems.
 */
export function scoreKris(
  items: readonly BenchmarkItem[],
  answers: BenchmarkAnswers,
  options: KrisOptions,
): BenchmarkScores {
  const judged = items.map((item) => ({ item, ...judge(item, answers.get(item.id), options.parser) }))
  const group = (kind: BenchmarkRow['kind'], name: string, members: readonly Scored[], metrics: readonly Metric[]) =>
    groupRow(kind, name, members, metrics, options.mean)
  const rows = [
    group('overall', 'Overall', judged, []),
    ...KNOWLEDGE.map((name) =>
      group(
        'category',
        name,
        judged.filter(({ item }) => dimensionOf(item.category).knowledge === name),
        [],
      ),
    ),
    ...DIMENSIONS.map(({ name, metrics }) =>
      group(
        'dimension',
        name,
        judged.filter(({ item }) => dimensionOf(item.category).name === name),
        metrics,
      ),
    ),
    ...DIMENSIONS.flatMap(({ folders, metrics }) =>
      Object.keys(folders).map((folder) =>
        group(
          'subtask',
          folder,
          judged.filter(({ item }) => item.category === folder),
          metrics,
        ),
      ),
    ),
    ...(['forward', 'intermediate', 'reverse'] as const).map((task) =>
      group(
        'subtask',
        `temporal_prediction: ${task}`,
        judged.filter(({ item }) => temporalTask(item) === task),
        ['consistency', 'quality', 'instruction'],
      ),
    ),
  ]
  return {
    rows: rows.filter(({ kind, n }) => kind !== 'subtask' || n > 0),
    items: judged.map(({ item, scores }) => ({
      id: item.id,
      category: item.category,
      figures: {
        average: percentageOfFive(mean(valuesOf(scores))),
        ...Object.fromEntries(
          dimensionOf(item.category).metrics.map((metric) => [
            METRICS[metric],
            percentageOfFive(scores[metric] ?? null),
          ]),
        ),
      },
    })),
    problems: judged.flatMap(({ problems }) => problems),
  }
}

function groupRow(
  kind: BenchmarkRow['kind'],
  name: string,
  members: readonly Scored[],
  metrics: readonly Metric[],
  how: KrisOptions['mean'],
): BenchmarkRow {
  const samples = members.map(({ scores }) => mean(valuesOf(scores)))
  const all = how === 'pooled' ? mean(members.flatMap(({ scores }) => valuesOf(scores))) : mean(samples)
  const each = metrics.map((metric) => [
    METRICS[metric],
    percentageOfFive(mean(members.map(({ scores }) => scores[metric] ?? null))),
  ])
  return row(kind, name, samples, { average: percentageOfFive(all), ...Object.fromEntries(each) })
}

function valuesOf(scores: Scores): readonly number[] {
  return Object.values(scores)
}
