import type { Rollout, Sample } from '@dda-thinker/plugin-api'
import type { Listed } from './listed.ts'
import type { PairedDifference } from './statistics/interval.ts'
import { compareEvaluations } from './comparison.ts'
import type { StatisticsOptions } from './evaluation.ts'

/** All Thinkers under one Editor: one column of a matrix. */
export interface MatrixColumn {
  /** Name of the Editor in the matrix. */
  readonly editor: string
  /** Rollouts by Thinker, one a sample. */
  readonly arms: ReadonlyMap<string, Listed<Rollout>>
}

/** Two cells of a matrix that share a row or a column, sample by sample: b minus a. */
export interface MatrixDifference {
  /** What both share: the Thinker where two Editors are compared, the Editor where two Thinkers are. */
  readonly under: string
  readonly a: string
  readonly b: string
  /** Samples that count in both cells. */
  readonly pairs: number
  /** Left out: masked in one of them. */
  readonly unpaired: number
  readonly solved: PairedDifference
  readonly reward: PairedDifference
}

export interface MatrixDifferences {
  /** For every Editor, each Thinker against the first. */
  readonly thinkers: readonly MatrixDifference[]
  /** For every Thinker, each Editor against the first. */
  readonly editors: readonly MatrixDifference[]
}

/** Paired differences along the rows and columns of Thinkers × Editors on the same samples. */
export function matrixDifferences(
  columns: readonly MatrixColumn[],
  samples: Listed<Sample>,
  options: StatisticsOptions = {},
): MatrixDifferences {
  const difference = (
    names: Pick<MatrixDifference, 'under' | 'a' | 'b'>,
    a: Listed<Rollout>,
    b: Listed<Rollout>,
  ): MatrixDifference => {
    const { pairs, unpaired, solved, reward } = compareEvaluations(a, b, samples, options)
    return { ...names, pairs, unpaired, solved, reward }
  }
  const thinkers = columns.flatMap(({ editor, arms }) => {
    const [first, ...others] = arms
    if (first === undefined) return []
    return others.map(([b, rollouts]) => difference({ under: editor, a: first[0], b }, first[1], rollouts))
  })
  const [first, ...others] = columns
  const editors = [...(first?.arms ?? [])].flatMap(([thinker, rollouts]) =>
    others.flatMap(({ editor, arms }) => {
      const own = arms.get(thinker)
      if (own === undefined) return []
      return [difference({ under: thinker, a: first?.editor ?? '', b: editor }, rollouts, own)]
    }),
  )
  return { thinkers, editors }
}
