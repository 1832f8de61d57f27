import { useEffect, useMemo, useState } from 'preact/hooks'
import type { RunStore } from './run-store.ts'
import { untilAnswered } from './until-answered.ts'

/** Rows in an order that a seed draws; undefined until it is known. It stays as it is where rows are added. */
export function useDrawn(store: RunStore, rows: Uint32Array, seed: number): readonly number[] | undefined {
  const [draws, setDraws] = useState<Uint32Array>()
  const { length } = store.columns
  const { asking } = store.source
  useEffect(() => {
    if (asking === undefined || length === 0) return undefined
    return untilAnswered(() => asking.draws(store.name, seed, length), {
      onAnswer: setDraws,
      onProblem: (message) => store.details.say(message),
    })
  }, [store, seed, length])
  return useMemo(
    () => (draws === undefined ? undefined : [...rows].toSorted((a, b) => (draws[a] ?? 0) - (draws[b] ?? 0))),
    [rows, draws],
  )
}
