import type { RunColumns } from './run-columns.ts'

/** What rows are asked for. Absent: any. */
export interface RowQuery {
  readonly steps?: readonly [from: number, to: number]
  readonly category?: string
  /** Into `OUTCOMES`. */
  readonly outcome?: number
  /** Into `FAULTS`. */
  readonly fault?: number
  /** Into `thinkers`. */
  readonly thinker?: number
  /** Into `failures`. */
  readonly failure?: number
  /** Into `sampleFacts`. */
  readonly sample?: number
  readonly rewards?: readonly [from: number, to: number]
  /** Into `itemFacts`: asked, and with this result. */
  readonly item?: { readonly place: number; readonly passed: boolean }
  /** One bit a row, as `searchTexts` gives them. */
  readonly found?: Uint8Array
}

export const SORTS = ['recorded', 'reward', 'tokens', 'step', 'sample'] as const

export interface RowOrder {
  readonly by: (typeof SORTS)[number]
  readonly descending: boolean
}

/** The rows that fit, in their order. Rows without the value that is sorted by come last. */
export function selectRows(columns: RunColumns, query: RowQuery, order: RowOrder): Uint32Array {
  const { length } = columns
  const { rows } = columns
  const kept = new Uint32Array(length)
  let count = 0
  const categories = query.category === undefined ? undefined : matching(columns, query.category)
  const [firstStep, lastStep] = query.steps ?? [0, Number.POSITIVE_INFINITY]
  const [least, most] = query.rewards ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const column = {
    step: rows.step.view(),
    sample: rows.sample.view(),
    outcome: rows.outcome.view(),
    fault: rows.fault.view(),
    thinker: rows.thinker.view(),
    failure: rows.failure.view(),
    reward: rows.reward.view(),
  }
  for (let row = 0; row < length; row += 1) {
    if (query.found !== undefined && ((query.found[row >> 3] ?? 0) & (1 << (row & 7))) === 0) continue
    if (query.outcome !== undefined && column.outcome[row] !== query.outcome) continue
    if (query.fault !== undefined && column.fault[row] !== query.fault) continue
    if (query.thinker !== undefined && column.thinker[row] !== query.thinker) continue
    if (query.failure !== undefined && column.failure[row] !== query.failure + 1) continue
    if (query.sample !== undefined && column.sample[row] !== query.sample) continue
    const step = column.step[row] ?? 0
    if (step < firstStep || step > lastStep) continue
    if (categories !== undefined && categories[column.sample[row] ?? 0] !== 1) continue
    const reward = column.reward[row] ?? Number.NaN
    // What was not measured is in no range.
    if (query.rewards !== undefined && !(reward >= least && reward <= most)) continue
    if (query.item !== undefined && !hasItem(columns, row, query.item)) continue
    kept[count] = row
    count += 1
  }
  return ordered(columns, kept.subarray(0, count), order)
}

function matching(columns: RunColumns, category: string): Uint8Array {
  return Uint8Array.from(columns.sampleFacts, (sample) => Number(sample.category === category))
}

function hasItem(columns: RunColumns, row: number, { place, passed }: NonNullable<RowQuery['item']>): boolean {
  const end = columns.rows.itemsEnd.at(row)
  for (let at = columns.itemsStart(row); at < end; at += 1)
    if (columns.items.item.at(at) === place && columns.items.passed.at(at) === Number(passed)) return true
  return false
}

function ordered(columns: RunColumns, kept: Uint32Array, { by, descending }: RowOrder): Uint32Array {
  if (by === 'recorded') return descending ? kept.toReversed() : kept
  const values = columns.rows[by].view()
  const sign = descending ? -1 : 1
  return kept.toSorted((a, b) => {
    const [x, y] = [values[a] ?? Number.NaN, values[b] ?? Number.NaN]
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return a - b
    if (Number.isNaN(x)) return 1
    if (Number.isNaN(y)) return -1
    return sign * (x - y)
  })
}
