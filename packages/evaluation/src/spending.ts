import { completeList, type Cost, type FailureKind } from '@dda-thinker/plugin-api'

/** What calls are made for. */
export type SpendingStage = 'synthesize' | 'curate' | 'plan' | 'edit' | 'judge'

/** In the order of the lifecycle. */
const STAGES = completeList<SpendingStage>({ synthesize: true, curate: true, plan: true, edit: true, judge: true })

/** What was spent on one endpoint of one plugin in one stage. Sums, of a run or of a part of it. */
export interface Spending {
  readonly stage: SpendingStage
  readonly plugin: string
  /** Base URL of a service. Absent in the row of what the plugin was asked for, wherever it got it. */
  readonly endpoint?: string
  /** Exchanges with the endpoint, repetitions included; absent without one. */
  readonly calls?: number
  /** Calls that failed, by kind. */
  readonly failed?: Readonly<Partial<Record<FailureKind, number>>>
  /** Plans, edits or judgements that came; what the cache gave is not among them. */
  readonly results?: number
  /** In the currency of the prices. Absent where nothing is known to cost any. */
  readonly money?: number
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** Milliseconds of the calls, overlapping ones each in full. */
  readonly ms?: number
}

/** A line of the books of a run: what came to a row since the last one, or time that a session of the run took. */
export type SpendingLine = Spending | { readonly seconds: number }

const FIGURES = ['calls', 'results', 'ms', 'money', 'inputTokens', 'outputTokens'] as const

/** Is this a line that can be added up? Books are JSON lines that anybody may have edited. */
export function isSpendingLine(value: unknown): value is SpendingLine {
  if (typeof value !== 'object' || value === null) return false
  const line = value as Readonly<Record<string, unknown>>
  if ('seconds' in line) return Number.isFinite(line['seconds'])
  const { stage, plugin, endpoint = '', failed = {} } = line
  if (!(STAGES as readonly unknown[]).includes(stage) || typeof plugin !== 'string' || typeof endpoint !== 'string')
    return false
  const counts = typeof failed === 'object' && failed !== null ? Object.values(failed) : [failed]
  return [...FIGURES.map((figure) => line[figure] ?? 0), ...counts].every(Number.isFinite)
}

/** A {@link Spending} that grows. */
export type SpendingSum = { -readonly [K in keyof Spending]: Spending[K] } & {
  failed?: Partial<Record<FailureKind, number>>
}

/** All that a run spent, in all its sessions. */
export interface RunSpending {
  /** By stage, plugin and endpoint. */
  readonly rows: readonly Spending[]
  /** Wall clock of the sessions. */
  readonly seconds: number
}

/** Sums by stage, plugin and endpoint. */
export class SpendingSums {
  readonly #rows = new Map<string, SpendingSum>()

  get size(): number {
    return this.#rows.size
  }

  row(stage: SpendingStage, plugin: string, endpoint?: string): SpendingSum {
    const key = JSON.stringify([stage, plugin, endpoint])
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = { stage, plugin, ...(endpoint === undefined ? {} : { endpoint }) }
      this.#rows.set(key, row)
    }
    return row
  }

  add(more: Spending): void {
    const row = this.row(more.stage, more.plugin, more.endpoint)
    addTo(row, 'calls', more.calls)
    addTo(row, 'results', more.results)
    addTo(row, 'ms', more.ms)
    addCost(row, more)
    for (const [kind, count] of Object.entries(more.failed ?? {})) addFailure(row, kind as FailureKind, count)
  }

  /** All rows, and none are left. */
  take(): Spending[] {
    const rows = [...this.#rows.values()]
    this.#rows.clear()
    return rows
  }

  /** Sorted in the order of the lifecycle. */
  all(): Spending[] {
    const place = ({ stage, plugin, endpoint = '' }: Spending) => `${STAGES.indexOf(stage)} ${plugin} ${endpoint}`
    return [...this.#rows.values()].toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
  }
}

type Figure = 'calls' | 'results' | 'ms' | keyof Cost

export function addTo(row: { [K in Figure]?: number }, key: Figure, more: number | undefined): void {
  if (more !== undefined && Number.isFinite(more)) row[key] = (row[key] ?? 0) + more
}

export function addCost(row: { [K in keyof Cost]?: number }, { money, inputTokens, outputTokens }: Cost): void {
  addTo(row, 'money', money)
  addTo(row, 'inputTokens', inputTokens)
  addTo(row, 'outputTokens', outputTokens)
}

export function addFailure(row: SpendingSum, kind: FailureKind, count = 1): void {
  row.failed ??= {}
  row.failed[kind] = (row.failed[kind] ?? 0) + count
}

/** What was paid and read in all rows. Results and calls of different stages do not add up to anything. */
export function totalSpending(rows: readonly Spending[]): Cost {
  const total: { -readonly [K in keyof Cost]: Cost[K] } = {}
  for (const row of rows) addCost(total, row)
  return total
}
