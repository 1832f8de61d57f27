import { useEffect } from 'preact/hooks'
import type { RunHead } from '../../wire/view-data.ts'
import type { Query } from './route.ts'

/** Filters by what judges said or what came of it: whoever answers what they leave knows of it. */
const TELLING = ['outcome', 'fault', 'failure', 'item', 'reward', 'text'] as const

/** Those of an address. */
export function tellingFilters(query: Query): readonly string[] {
  return [...TELLING.filter((name) => query[name] !== undefined), ...(query['sort'] === 'reward' ? ['reward'] : [])]
}

/** Milliseconds after which what was seen is kept. */
const PAUSE = 300

/** {@link RunHead.id} by name. */
const ids = new Map<string, string>()
/** By id, as all that follows: other projects under the same address have runs of the same names, and so has this one after a run was made anew. */
const seen = new Map<string, Set<number>>()
/** Runs of which more was seen than is kept. */
const changed = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Tells the runs of these names apart from others. */
export function knowRuns(runs: readonly Pick<RunHead, 'name' | 'id'>[]): void {
  for (const { name, id } of runs) ids.set(name, id)
}

function markSeen(run: string, rows: Iterable<number>): void {
  const known = seenRows(run)
  const before = known.size
  for (const row of rows) known.add(row)
  if (known.size === before) return
  changed.add(idOf(run))
  timer ??= setTimeout(keep, PAUSE)
}

/** Since when ever, as far as the browser keeps it. */
export function seenRows(run: string): Set<number> {
  const id = idOf(run)
  let known = seen.get(id)
  if (known === undefined) {
    known = new Set(keptRows(id))
    seen.set(id, known)
  }
  return known
}

function idOf(run: string): string {
  return ids.get(run) ?? run
}

function keyOf(id: string): string {
  return `dda-seen ${id}`
}

function keptRows(id: string): readonly number[] {
  try {
    const rows: unknown = JSON.parse(localStorage.getItem(keyOf(id)) ?? '[]')
    return Array.isArray(rows) ? rows.filter((row) => typeof row === 'number') : []
  } catch {
    return []
  }
}

function keep(): void {
  timer = undefined
  try {
    for (const id of changed) localStorage.setItem(keyOf(id), JSON.stringify([...(seen.get(id) ?? [])]))
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
