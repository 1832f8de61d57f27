import type { RunColumns } from '../../columns/run-columns.ts'

/** The first rollout of the run with the same picture of the same sample, where that is another: the engine judges a picture once. */
export function firstAlike({ rows }: RunColumns, row: number): { readonly picture?: number } {
  const [picture, sample] = [rows.picture.at(row), rows.sample.at(row)]
  if (picture === 0) return {}
  const [pictures, samples] = [rows.picture.view(), rows.sample.view()]
  for (let at = 0; at < row; at += 1) if (pictures[at] === picture && samples[at] === sample) return { picture: at }
  return {}
}
