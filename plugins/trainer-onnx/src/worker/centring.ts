import type { TokenGrid } from '../ppo/grid.ts'

/**
 * Subtracts each group's mean advantage over its tokens, in place: what the critic does not know yet about a sample is the
 * same for all its rollouts. A control variate as in group baselines (Shao et al. 2024), on top of the critic.
 * A plan that is alone in its group keeps its advantages.
 */
export function centreGroups(advantages: Float64Array, grid: TokenGrid, groups: readonly string[]): void {
  const isAlone = loners(groups)
  const cellsOf = new Map<string, number[]>()
  for (const [row, group] of groups.entries()) {
    for (let column = 0; column < grid.columns; column++) {
      const cell = row * grid.columns + column
      if (grid.mask[cell] === 1 && !isAlone(group)) push(cellsOf, group, cell)
    }
  }
  for (const cells of cellsOf.values()) centre(advantages, cells)
}

/**
 * Subtracts at each token the mean advantage of the group's plans that are the same up to it, in place. A token is then
 * compared with what the same plan could have gone on with, and not charged for how plans of other beginnings ended. With
 * `lambda` 1 the critic's values cancel where plans share a beginning; a plan that has gone its own way earns nothing more
 * from there on. In the line of VinePPO (Kazemnejad et al. 2024), whose rollouts from a prefix are here the group's own.
 * A plan that is alone in its group keeps its advantages.
 *
 * @param tokens of each row's plan.
 */
export function centrePrefixes(
  advantages: Float64Array,
  grid: TokenGrid,
  groups: readonly string[],
  tokens: readonly (readonly number[])[],
): void {
  const isAlone = loners(groups)
  const keys = [...groups]
  for (let column = 0; column < grid.columns; column++) {
    const cellsOf = new Map<string, number[]>()
    for (const [row, group] of groups.entries()) {
      const cell = row * grid.columns + column
      if (grid.mask[cell] === 1 && !isAlone(group)) push(cellsOf, keys[row] ?? group, cell)
      keys[row] = `${keys[row]} ${tokens[row]?.[column]}`
    }
    for (const cells of cellsOf.values()) centre(advantages, cells)
  }
}

/** Tells of a group whether it has one plan only. */
function loners(groups: readonly string[]): (group: string) => boolean {
  const sizes = new Map<string, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return (group) => sizes.get(group) === 1
}

function centre(advantages: Float64Array, cells: readonly number[]): void {
  const mean = cells.reduce((total, cell) => total + (advantages[cell] ?? 0), 0) / cells.length
  for (const cell of cells) advantages[cell] = (advantages[cell] ?? 0) - mean
}

function push(cellsOf: Map<string, number[]>, key: string, cell: number): void {
  const cells = cellsOf.get(key)
  if (cells === undefined) cellsOf.set(key, [cell])
  else cells.push(cell)
}
