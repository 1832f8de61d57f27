import { useEffect, useMemo, useState } from 'preact/hooks'
import { selectRows } from '../../columns/select-rows.ts'
import type { Query } from './route.ts'
import { filtersOf, rowOrder, rowQuery } from './row-query.ts'
import type { RunStore } from './run-store.ts'

/** The rows that an address asks for, in its order. */
export function useRows(store: RunStore, query: Query): Uint32Array {
  const { text } = query
  const [found, setFound] = useState<{ readonly text: string; readonly bits: Uint8Array }>()
  useEffect(() => {
    if (text === undefined) return undefined
    let isCurrent = true
    void store.source
      .search(store.name, text)
      .then((bits) => isCurrent && setFound({ text, bits }))
      .catch(() => isCurrent && setFound({ text, bits: new Uint8Array() }))
    return () => {
      isCurrent = false
    }
  }, [text, store.columns.length])
  const bits = text !== undefined && found?.text === text ? found.bits : undefined
  const key = JSON.stringify(filtersOf(query))
  return useMemo(() => {
    // Until the answer is there, nothing is found.
    const searched = text === undefined ? undefined : (bits ?? new Uint8Array())
    return selectRows(store.columns, rowQuery(store.columns, query, searched), rowOrder(query))
  }, [store, store.version, key, bits])
}
