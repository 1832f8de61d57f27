import { useState } from 'preact/hooks'

/** Rows that somebody chose, by run, as long as the page is open. */
const kept = new Map<string, Set<number>>()

export interface Chosen {
  readonly rows: ReadonlySet<number>
  toggle(row: number): void
  add(rows: Iterable<number>): void
  clear(): void
}

export function useChosen(run: string): Chosen {
  const [, setCount] = useState(0)
  const rows = kept.get(run) ?? new Set<number>()
  kept.set(run, rows)
  const changed = () => setCount((count) => count + 1)
  return {
    rows,
    toggle(row) {
      if (!rows.delete(row)) rows.add(row)
      changed()
    },
    add(more) {
      for (const row of more) rows.add(row)
      changed()
    },
    clear() {
      rows.clear()
      changed()
    },
  }
}
