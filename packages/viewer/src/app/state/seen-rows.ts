import { useEffect } from 'preact/hooks'
import type { Query } from './route.ts'

/** Filters by what judges said or what came of it: whoever answers what they leave knows of it. */
const TELLING = ['outcome', 'fault', 'failure', 'item', 'reward', 'text'] as const

/** Those of an address. */
export function tellingFilters(query: Query): readonly string[] {
  return [...TELLING.filter((name) => query[name] !== undefined), ...(query['sort'] === 'reward' ? ['reward'] : [])]
}

/** Milliseconds after which what was seen is kept. */
const PAUSE = 300

const seen = new Map<string, Set<number>>()
/** Runs of which more was seen than is kept. */
const changed = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

function markSeen(run: string, rows: Iterable<number>): void {
  const known = seenRows(run)
  const before = known.size
  for (const row of rows) known.add(row)
  if (known.size === before) return
  changed.add(run)
  timer ??= setTimeout(keep, PAUSE)
}

/** Since when ever, as far as the browser keeps it. */
export function seenRows(run: string): Set<number> {
  let known = seen.get(run)
  if (known === undefined) {
    known = new Set(keptRows(run))
    seen.set(run, known)
  }
  return known
}

function keyOf(run: string): string {
  return `dda-seen ${run}`
}

function keptRows(run: string): readonly number[] {
  try {
    const rows: unknown = JSON.parse(localStorage.getItem(keyOf(run)) ?? '[]')
    return Array.isArray(rows) ? rows.filter((row) => typeof row === 'number') : []
  } catch {
    return []
  }
}

function keep(): void {
  timer = undefined
  try {
    for (const run of changed) localStorage.setItem(keyOf(run), JSON.stringify([...seenRows(run)]))
    changed.clear()
  } catch {
    // A browser that keeps nothing knows it as long as the page is open.
  }
}
addEventListener('pagehide', keep)

/** The caller shows what judges say of these rows, or what they earned. */
export function useSeen(run: string, rows: readonly number[]): void {
  useEffect(() => markSeen(run, rows), [run, rows.join(',')])
}
