import { useEffect, useMemo } from 'preact/hooks'
import type { BlindRollout } from '../../wire/view-data.ts'
import { BlindAsked } from '../parts/blind-asked.tsx'
import { OpenAsked } from '../parts/open-asked.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { TextField } from '../parts/text-field.tsx'
import { count } from '../parts/words.ts'
import { useAnnotator } from '../state/annotator.ts'
import { useRollouts, useSamples } from '../state/detail-cache.ts'
import { useKeys } from '../state/keys.ts'
import { go, hrefTo, isAt, type Query } from '../state/route.ts'
import { filtersOf } from '../state/row-query.ts'
import { type RunStore, useRun } from '../state/run-store.ts'
import { tellingFilters } from '../state/seen-rows.ts'
import type { Source } from '../state/source.ts'
import { type Answers, useAnswers } from '../state/use-answers.ts'
import { useBlindRollout } from '../state/use-blind-rollout.ts'
import { useDrawn } from '../state/use-drawn.ts'
import { useRows } from '../state/use-rows.ts'

interface AnnotateViewProps {
  readonly source: Source
  readonly run: string
  /** Undefined: the first that is not answered. */
  readonly row: number | undefined
  readonly query: Query
}

/** Rollouts in a drawn order, one by one, to be answered by a person; blind: without what judge, reward and others say of them. */
export function AnnotateView({ source, run, row, query }: AnnotateViewProps) {
  const isBlind = query['blind'] === '1'
  // Filters that tell what judges say have to know it.
  const store = useRun(source, run, isBlind && tellingFilters(query).length === 0)
  const { rows } = useRows(store, query)
  const [by, setBy] = useAnnotator()
  const answers = useAnswers(source, run, isBlind ? by : undefined)
  const seed = Number(query['seed'] ?? '1')
  const order = useDrawn(store, rows, Number.isInteger(seed) && seed >= 0 ? seed : 1)
  const link = (to: number | undefined, change: Query = {}) =>
    hrefTo(['run', run, 'annotate', ...(to === undefined ? [] : [String(to)])], { ...query, ...change })
  // What the judge was not asked has nothing to be compared with.
  const asked = (at: number) => store.columns.rows.itemsEnd.at(at) - store.columns.itemsStart(at)
  const isOpen = (at: number) => asked(at) > answers.countOf(at, by)
  // Rows in their order, and those left to answer: of very many rows not made again for every key.
  const [all, left] = useMemo(() => {
    const asking = (order ?? []).filter((at) => asked(at) > 0)
    return [asking, asking.filter(isOpen)]
  }, [order, answers.said, by])
  const next = useMemo(() => {
    const place = row === undefined ? -1 : (order?.indexOf(row) ?? -1)
    const behind = new Set(order?.slice(place + 1))
    return left.find((at) => behind.has(at)) ?? left.find((at) => at !== row)
  }, [order, left, row])
  const isReady = order !== undefined && !answers.isReading && store.state.complete
  useEffect(() => {
    if (row !== undefined || !isReady || by === '') return
    if (next !== undefined && isAt(['run', run, 'annotate'])) go(link(next), true)
  }, [row, isReady, by])
  const forward = () => {
    if (isReady && next !== undefined) go(link(next))
  }
  useKeys({ Enter: forward, Escape: () => go(hrefTo(['run', run, 'grid'], filtersOf(query))) })
  if (source.asking === undefined)
    return (
      <RunFrame store={store} view="annotate">
        <p class="empty">This page was written to a file: answers are given where `dda view` runs.</p>
      </RunFrame>
    )
  const shared = { store, answers, by, query, setMode: (mode: string) => go(link(row, { mode }), true) }
  return (
    <RunFrame store={store} view="annotate">
      <div class="tools">
        <TextField label="Your name" value={by} maxLength={200} commit={setBy} />
        <button type="button" aria-pressed={isBlind} onClick={() => go(link(row, { blind: isBlind ? '' : '1' }), true)}>
          Blind
        </button>
        <button type="button" onClick={forward} disabled={!isReady || next === undefined}>
          Next unanswered (Enter)
        </button>
        {by !== '' && isReady && (
          <span role="status">
            {count(all.length - left.length)} of {count(all.length)} rollouts answered by {by}
          </span>
        )}
        {answers.problem !== undefined && <span class="mark bad">{answers.problem}</span>}
      </div>
      {by === '' && <p class="empty">Who answers? Agreement is told by name.</p>}
      {row === undefined ? (
        by !== '' && <p class="empty">{isReady ? 'Nothing is left to answer here.' : 'Reading …'}</p>
      ) : isBlind ? (
        <Blind key={row} {...shared} row={row} />
      ) : (
        <Open key={row} {...shared} row={row} />
      )}
    </RunFrame>
  )
}

interface AskedProps {
  readonly store: RunStore
  readonly row: number
  readonly answers: Answers
  readonly by: string
  readonly query: Query
  readonly setMode: (mode: string) => void
}

/** Of a row whose questions the person has not all answered nothing is asked for that could sway. */
function Blind({ store, row, answers, by, query, setMode }: AskedProps) {
  const asked = useBlindRollout(store, row, by, answers.said)
  if (asked === null) return <p class="empty">There is no rollout {row}.</p>
  if (asked === undefined || answers.isReading) return <p class="empty">Reading …</p>
  const { others, questions } = asked
  if (others !== undefined) return <Open {...{ store, row, answers, by, query, setMode, others }} />
  const key = JSON.stringify([by, questions[0]?.scope])
  return <BlindAsked key={key} {...{ store, asked, answers, by, query, setMode }} mode={query['mode']} />
}

/** @param others what they say, where the answers are the person's own */
function Open({ store, row, answers, by, query, setMode, others }: AskedProps & Pick<BlindRollout, 'others'>) {
  const [detail] = useRollouts(store.details, [row])
  const known = row < store.columns.length
  const [sample] = useSamples(store.details, known ? [store.columns.rows.sample.at(row)] : [])
  if (detail === null) return <p class="empty">There is no rollout {row}.</p>
  if (detail === undefined || sample === undefined || !known || answers.isReading) return <p class="empty">Reading …</p>
  if (sample === null) return <p class="empty">The data no longer hold this sample: nobody can tell what was asked.</p>
  const more = others === undefined ? {} : { others }
  return <OpenAsked key={by} {...{ store, detail, sample, answers, by, setMode, ...more }} mode={query['mode']} />
}
