import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { FilterBar } from '../parts/filter-bar.tsx'
import { GridCell } from '../parts/grid-cell.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { Selection } from '../parts/selection.tsx'
import { count } from '../parts/words.ts'
import { useKeys } from '../state/keys.ts'
import { hrefTo, type Query } from '../state/route.ts'
import { filtersOf } from '../state/row-query.ts'
import { useRun } from '../state/run-store.ts'
import type { Source } from '../state/source.ts'
import { useChosen } from '../state/chosen.ts'
import { useRows } from '../state/use-rows.ts'

/** Pixels; cells are wider where that fills the line. */
const CELL = { width: 174, height: 262 }
/** Lines of cells beyond what is seen. */
const BEYOND = 1

interface GridViewProps {
  readonly source: Source
  readonly run: string
  readonly task: string | undefined
  readonly query: Query
}

/** The rollouts of a run; cells are made for those that are seen. */
export function GridView({ source, run, task, query }: GridViewProps) {
  const store = useRun(source, run)
  const { rows, isSearching } = useRows(store, query)
  const { frame, first, last, columns, width, scrollTo } = useWindow(rows.length, JSON.stringify(filtersOf(query)))
  const [cursor, setCursor] = useState(-1)
  const chosen = useChosen(run)
  const link = (row: number) => hrefTo(['run', run, 'rollout', String(row)], filtersOf(query))
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, cursor + by))
    setCursor(next)
    scrollTo(next)
  }
  useKeys({
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    ArrowDown: () => move(columns),
    ArrowUp: () => move(-columns),
    x: () => cursor >= 0 && chosen.toggle(rows[cursor] ?? 0),
  })
  useLayoutEffect(() => {
    frame.current?.querySelector<HTMLElement>(`[data-place="${cursor}"] a`)?.focus({ preventScroll: true })
  }, [cursor, first])
  const cells = []
  for (let place = first; place < last; place += 1) {
    const row = rows[place] ?? 0
    const [x, y] = [(place % columns) * width, Math.floor(place / columns) * CELL.height]
    cells.push(<GridCell key={row} {...{ store, row, place, x, y, width, href: link(row), chosen }} />)
  }
  const total = store.columns.length
  return (
    <RunFrame store={store} view="grid">
      <FilterBar store={store} path={['run', run, 'grid']} query={query} />
      <div class="grid-bar">
        <p role="status">
          {isSearching
            ? 'searching …'
            : rows.length === total
              ? `${count(total)} rollouts`
              : `${count(rows.length)} of ${count(total)} rollouts`}
        </p>
        <Selection store={store} task={task} rows={rows} chosen={chosen} />
      </div>
      <div class="grid" ref={frame} tabIndex={0} role="region" aria-label="Rollouts">
        {rows.length === 0 && !isSearching && store.state.complete && <p class="empty">No rollout is like that.</p>}
        <ul style={{ height: `${Math.ceil(rows.length / columns) * CELL.height}px` }}>{cells}</ul>
      </div>
    </RunFrame>
  )
}

/** Which cells are seen of so many. @param key where it changes, it is shown from the beginning */
function useWindow(length: number, key: string) {
  const frame = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 800, height: 600 })
  const [line, setLine] = useState(0)
  const columns = Math.max(1, Math.floor(size.width / CELL.width))
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const measured = () => setSize({ width: element.clientWidth, height: element.clientHeight })
    const observer = new ResizeObserver(measured)
    observer.observe(element)
    measured()
    const scrolled = () => setLine(Math.floor(element.scrollTop / CELL.height))
    element.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', scrolled)
    }
  }, [])
  const shown = useRef(key)
  useEffect(() => {
    if (shown.current === key) return
    shown.current = key
    frame.current?.scrollTo(0, 0)
  }, [key])
  const scrollTo = (place: number) => {
    const element = frame.current
    if (element === null) return
    const top = Math.floor(place / columns) * CELL.height
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + CELL.height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + CELL.height - element.clientHeight
  }
  const lines = Math.ceil(size.height / CELL.height) + 1
  const first = Math.max(0, Math.min(line - BEYOND, Math.ceil(length / columns) - lines)) * columns
  const width = Math.floor(size.width / columns)
  return { frame, columns, width, first, last: Math.min(length, first + (lines + 2 * BEYOND) * columns), scrollTo }
}
