import type { Dimension, Scores } from './dimensions.ts'

/** What each dimension earned; those that earned nothing may be left out. Their sum is in [0, 1 − format]. */
export type Earned = Readonly<Record<string, number>>

/** A reward of the literature, on the items of a checklist. */
export interface Rule {
  /** Where it is from. */
  readonly source: string
  readonly dimensions: readonly Dimension[]
  /** Without items in at least one of these there is nothing to score. */
  readonly needs: readonly string[]
  /** Share that a plan in its format earns by itself. */
  readonly format: number
  /** @param scores of the dimensions that the sample has items in, one of `needs` at least */
  readonly earn: (scores: Scores) => Earned
}

export const scoreOf = (scores: Scores, name: string): number => scores.get(name)?.score ?? 0

/**
 * The weights of the dimensions that a sample has items in, scaled to the sum of all: all samples have the same range.
 * @param weights by name
 */
export function presentWeights(
  scores: Scores,
  weights: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const present = Object.entries(weights).filter(([name]) => scores.has(name))
  const sum = (entries: readonly (readonly [string, number])[]): number =>
    entries.reduce((total, [, w]) => total + w, 0)
  const scale = sum(Object.entries(weights)) / sum(present)
  return Object.fromEntries(present.map(([name, weight]) => [name, weight * scale]))
}
