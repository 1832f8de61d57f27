import type { GroupCentre } from '@dda-thinker/plugin-api'
import type { TokenGrid } from './grid.ts'

/** What tells which tokens are compared with which. */
export interface GroupRows {
  /** The group of each row. */
  readonly groups: readonly string[]
  /** Of each row's plan, one a column from the first. */
  readonly tokens: readonly (readonly number[])[]
}

/**
 * Subtracts from each advantage the mean of others of its group: what the critic does not know yet about a sample is the same
 * for all its rollouts. A control variate as in group baselines, on top of the critic. Leave-one-out (Kool et al. 2019), because a
 * mean with the token's own plan in it takes a part of the gradient away, and the larger part the rarer a branch is.
 * A plan that is alone in its group keeps its advantages.
 */
export function centreAdvantages(
  advantages: Float64Array,
  grid: TokenGrid,
  rows: GroupRows,
  by: GroupCentre,
): Float64Array {
  if (by === 'off') return advantages
  const centred = Float64Array.from(advantages)
  for (const members of rowsByGroup(rows.groups)) {
    if (members.length < 2) continue
    if (by === 'plan') centrePlans(centred, advantages, grid, members)
    else centrePrefixes(centred, advantages, grid, members, rows.tokens)
  }
  return centred
}

/** Every token less the mean over all tokens of the group's other plans. */
function centrePlans(
  centred: Float64Array,
  advantages: Float64Array,
  grid: TokenGrid,
  members: readonly number[],
): void {
  const own = members.map((row) => totalOf(advantages, grid, row))
  const all = own.reduce((sum, one) => ({ total: sum.total + one.total, count: sum.count + one.count }))
  for (const [i, row] of members.entries()) {
    const { total, count } = own[i] ?? { total: 0, count: 0 }
    const others = all.count - count
    if (others > 0) subtract(centred, grid, row, () => (all.total - total) / others)
  }
}

/**
 * Every token less the mean, over the other plans that share the longest beginning with its own, of the advantage that they
 * have where they left it: at this token where others came this far, else where the last of them went another way. A token is then
 * compared with what the same plan could have gone on with, in the line of VinePPO (Kazemnejad et al. 2024), whose rollouts
 * from a prefix are here the group's own. Who is compared with whom depends on the tokens before this one alone.
 */
function centrePrefixes(
  centred: Float64Array,
  advantages: Float64Array,
  grid: TokenGrid,
  members: readonly number[],
  tokens: readonly (readonly number[])[],
): void {
  for (const row of members) {
    const mine = tokens[row] ?? []
    let sharing = members.filter((other) => other !== row)
    let mean = 0
    for (let column = 0; column < grid.columns; column++) {
      if (column > 0) sharing = sharing.filter((other) => tokens[other]?.[column - 1] === mine[column - 1])
      const there = sharing.filter((other) => grid.mask[other * grid.columns + column] === 1)
      if (there.length > 0) {
        mean = there.reduce((sum, other) => sum + at(advantages, other * grid.columns + column), 0) / there.length
      }
      const cell = row * grid.columns + column
      if (grid.mask[cell] === 1) centred[cell] = at(centred, cell) - mean
    }
  }
}

/** Rows of each group, groups in the order of their first rows. */
export function rowsByGroup(groups: readonly string[]): readonly (readonly number[])[] {
  const members = new Map<string, number[]>()
  for (const [row, group] of groups.entries()) {
    const list = members.get(group)
    if (list === undefined) members.set(group, [row])
    else list.push(row)
  }
  return [...members.values()]
}

function totalOf(values: Float64Array, grid: TokenGrid, row: number): { total: number; count: number } {
  let [total, count] = [0, 0]
  for (let cell = row * grid.columns; cell < (row + 1) * grid.columns; cell++) {
    if (grid.mask[cell] !== 1) continue
    total += at(values, cell)
    count++
  }
  return { total, count }
}

function subtract(values: Float64Array, grid: TokenGrid, row: number, amount: () => number): void {
  const by = amount()
  for (let cell = row * grid.columns; cell < (row + 1) * grid.columns; cell++) {
    if (grid.mask[cell] === 1) values[cell] = at(values, cell) - by
  }
}

function at(values: Float64Array, cell: number): number {
  return values[cell] ?? 0
}
