import type { RunColumns } from '../../columns/run-columns.ts'

/** A sample under two arms. */
export interface Pair {
  readonly id: string
  /** Rows of its rollouts. */
  readonly a: number
  readonly b: number
  /** Reward of b minus reward of a. */
  readonly gain: number
}

export const PAIRS = [
  ['only-b', 'Only B solved'],
  ['only-a', 'Only A solved'],
  ['none', 'None solved'],
  ['both', 'Both solved'],
  ['unpaired', 'Masked in one'],
] as const

export type PairKind = (typeof PAIRS)[number][0]

export interface Side {
  readonly columns: RunColumns
  readonly thinker: string
}

const MASKED = 2

/** Pairs by who solved them, those first where the reward differs most. */
export function pairsOf(a: Side, b: Side): Readonly<Record<PairKind, readonly Pair[]>> {
  const pairs: Record<PairKind, Pair[]> = { 'only-b': [], 'only-a': [], none: [], both: [], unpaired: [] }
  const [left, right] = [rowsById(a), rowsById(b)]
  for (const [id, rowA] of left) {
    const rowB = right.get(id)
    if (rowB === undefined) continue
    const [x, y] = [a.columns.rows, b.columns.rows]
    const gain = y.reward.at(rowB) - x.reward.at(rowA)
    pairs[kindOf(a, rowA, b, rowB)].push({ id, a: rowA, b: rowB, gain })
  }
  for (const list of Object.values(pairs)) list.sort((p, q) => (Math.abs(q.gain) || 0) - (Math.abs(p.gain) || 0))
  return pairs
}

function kindOf(a: Side, rowA: number, b: Side, rowB: number): PairKind {
  if (a.columns.rows.outcome.at(rowA) === MASKED || b.columns.rows.outcome.at(rowB) === MASKED) return 'unpaired'
  const [before, after] = [a.columns.rows.fault.at(rowA) === 0, b.columns.rows.fault.at(rowB) === 0]
  if (before) return after ? 'both' : 'only-a'
  return after ? 'only-b' : 'none'
}

function rowsById({ columns, thinker }: Side): ReadonlyMap<string, number> {
  const place = columns.thinkers.indexOf(thinker)
  const rows = new Map<string, number>()
  for (let row = 0; row < columns.length; row += 1)
    if (columns.rows.thinker.at(row) === place)
      rows.set(columns.sampleFacts[columns.rows.sample.at(row)]?.id ?? '', row)
  return rows
}
