import { useEffect, useState } from 'preact/hooks'
import type { BlindRollout } from '../../wire/view-data.ts'
import type { Found } from './detail-cache.ts'
import type { RunStore } from './run-store.ts'
import { untilAnswered } from './until-answered.ts'

/** What a person is asked about a row. It is asked for again when `said` is another one; until then the last answer is given. */
export function useBlindRollout(
  store: RunStore,
  row: number | undefined,
  by: string,
  said: unknown,
): Found<BlindRollout> {
  const [found, setFound] = useState<{ readonly key: string; readonly value: BlindRollout | null }>()
  const { asking } = store.source
  const key = JSON.stringify([row, by])
  useEffect(() => {
    if (row === undefined || asking === undefined) return undefined
    return untilAnswered(() => asking.questions(store.name, row, by), {
      onAnswer: (value) => {
        store.details.say(undefined)
        setFound({ key, value })
      },
      onProblem: (message) => store.details.say(message),
    })
  }, [store, key, said])
  return found?.key === key ? found.value : undefined
}
