import { mean, percentageOfFive, row } from '@dda-thinker/benchmark-kit'
import type { BenchmarkAnswers, BenchmarkItem, BenchmarkRow, BenchmarkScores } from '@dda-thinker/plugin-api'
import { CATEGORIES, CATEGORY_NAMES, isCategory, isLogical } from './categories.ts'
import { isConsistencyFree, releasedTruth } from './consistency-free.ts'
import { judge, type Dimensions } from './dimensions.ts'
import { itemAccuracy, itemScore } from './formulas.ts'
import type { RiseOptions } from './options.ts'

interface Scored {
  readonly item: BenchmarkItem
  readonly dimensions: Dimensions
  readonly score: number | null
  readonly accuracy: 0 | 1
}

const DIMENSION_ROWS = [
  ['reasoning', 'Reasoning', 'Reasoning'],
  ['consistency', 'ApprConsistency', 'Consistency'],
  ['plausibility', 'VisualPlausibility_total', 'Quality'],
] as const

/**
 * The rows of RISE-Bench's table. Means are over items, so the overall row weighs categories by their size; an item whose
 * answers could not be used is in no mean of scores and counts as not solved.
 */
export function scoreRise(
  items: readonly BenchmarkItem[],
  answers: BenchmarkAnswers,
  options: RiseOptions,
): BenchmarkScores {
  const released = releasedTruth(items)
  const judged = items.map((item) => ({ item, ...judge(item, answers.get(item.id), options.parser) }))
  const scored = judged.map(({ item, dimensions }): Scored => {
    const isFree = options.score === 'released' ? released(item) : Boolean(item.entry['consistency_free'])
    const needsConsistency = options.rules === 'before-2026-04' || !isConsistencyFree(item)
    return {
      item,
      dimensions,
      score: itemScore(item.category, dimensions, isFree),
      accuracy: itemAccuracy(item.category, dimensions, needsConsistency),
    }
  })
  const categories = CATEGORY_NAMES.map((name) => ({
    ...CATEGORIES[name],
    name,
    members: scored.filter(({ item }) => item.category === name),
  }))
  return {
    rows: [
      itemRow('overall', 'Overall', scored),
      ...categories.map(({ row, members }) => itemRow('category', row, members)),
      ...DIMENSION_ROWS.map(([key, name]) => dimensionRow(`Overall_${name}`, scored, key)),
      ...categories.flatMap(({ name, row, members }) =>
        DIMENSION_ROWS.filter(([key]) => key !== 'plausibility' || !isLogical(name)).map(([key, , suffix]) =>
          dimensionRow(`${row}_${suffix}`, members, key),
        ),
      ),
      ...subtaskRows(scored),
    ],
    items: scored.map(({ item, dimensions, score, accuracy }) => ({
      id: item.id,
      category: item.category,
      figures: { accuracy, score, ...dimensions },
    })),
    problems: judged.flatMap(({ problems }) => problems),
  }
}

function itemRow(kind: BenchmarkRow['kind'], name: string, members: readonly Scored[]): BenchmarkRow {
  const scores = members.map(({ score }) => score)
  const score = mean(scores)
  const accuracy = mean(members.map((member) => member.accuracy))
  return row(kind, name, scores, { score, percentage: percentageOfFive(score), accuracy })
}

function dimensionRow(name: string, members: readonly Scored[], dimension: keyof Dimensions): BenchmarkRow {
  // Logical items are not judged on plausibility; one of a foreign file that was, counts as in the official script.
  const values = members
    .filter(
      ({ item, dimensions }) =>
        dimension !== 'plausibility' || !isLogical(item.category) || dimensions[dimension] !== null,
    )
    .map(({ dimensions }) => dimensions[dimension])
  const score = mean(values)
  return row('dimension', name, values, { score, percentage: percentageOfFive(score) })
}

/** Known sub-tasks in the official order, then others that the data names. */
function subtaskRows(scored: readonly Scored[]): readonly BenchmarkRow[] {
  const found = new Set(scored.flatMap(({ item }) => (item.subtask === undefined ? [] : [item.subtask])))
  const official = CATEGORY_NAMES.flatMap((name) =>
    CATEGORIES[name].subtasks.map((subtask) => [`${CATEGORIES[name].prefix}-${subtask}`, subtask] as const),
  )
  const known = new Set<string>(official.map(([, subtask]) => subtask))
  const others = [...found].filter((subtask) => !known.has(subtask)).map((subtask) => [subtask, subtask] as const)
  return [...official, ...others]
    .filter(([, subtask]) => found.has(subtask))
    .map(([name, subtask]) =>
      itemRow(
        'subtask',
        name,
        scored.filter(({ item }) => item.subtask === subtask && isCategory(item.category)),
      ),
    )
}
