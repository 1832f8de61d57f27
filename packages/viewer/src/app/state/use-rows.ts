import { useEffect, useMemo, useState } from 'preact/hooks'
import { selectRows } from '../../columns/select-rows.ts'
import type { Query } from './route.ts'
import { filtersOf, rowOrder, rowQuery } from './row-query.ts'
import type { RunStore } from './run-store.ts'
import { untilAnswered } from './until-answered.ts'

interface SelectedRows {
  readonly rows: Uint32Array
  /** The answer of a search is not there yet: no row is in it. */
  readonly isSearching: boolean
}

/** The rows that an address asks for, in its order. */
export function useRows(store: RunStore, query: Query): SelectedRows {
  const { text } = query
  const [found, setFound] = useState<{ readonly text: string; readonly bits: Uint8Array }>()
  const { length } = store.columns
  useEffect(() => {
    if (text === undefined) return undefined
    return untilAnswered(() => store.source.search(store.name, text, length), {
      onAnswer: (bits) => {
        store.details.say(undefined)
        setFound({ text, bits })
      },
      onProblem: (message) => store.details.say(message),
    })
  }, [text, length])
  const bits = text !== undefined && found?.text === text ? found.bits : undefined
  const key = JSON.stringify(filtersOf(query))
  const rows = useMemo(() => {
    const searched = text === undefined ? undefined : (bits ?? new Uint8Array())
    return selectRows(store.columns, rowQuery(store.columns, query, searched), rowOrder(query))
  }, [store, store.version, key, bits])
  return { rows, isSearching: text !== undefined && bits === undefined }
}
