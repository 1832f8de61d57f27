import type { BenchmarkRow } from '@dda-thinker/plugin-api'

/** Mean of the values that there are; `null` of none. */
export function mean(values: readonly (number | null)[]): number | null {
  const measured = values.filter((value) => value !== null)
  return measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length
}

/** 1 to 5 onto 0 to 100. */
export function percentageOfFive(score: number | null): number | null {
  return score === null ? null : 25 * (score - 1)
}

/** A row of means; `of` names the values by which it is counted how many were measured. */
export function row(
  kind: BenchmarkRow['kind'],
  name: string,
  values: readonly (number | null)[],
  figures: Readonly<Record<string, number | null>>,
): BenchmarkRow {
  return { kind, name, n: values.length, measured: values.filter((value) => value !== null).length, figures }
}
