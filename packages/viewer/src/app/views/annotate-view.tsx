import { useEffect, useMemo, useState } from 'preact/hooks'
import { answerable } from '../../wire/answerable.ts'
import type { Answer, RolloutDetail, Sample } from '../../wire/view-data.ts'
import { PictureStage } from '../parts/picture-stage.tsx'
import { QuestionList } from '../parts/question-list.tsx'
import { RunFrame } from '../parts/run-frame.tsx'
import { TextField } from '../parts/text-field.tsx'
import { count, executableOf } from '../parts/words.ts'
import { useAnnotator } from '../state/annotator.ts'
import { useRollouts, useSamples } from '../state/detail-cache.ts'
import { useKeys } from '../state/keys.ts'
import { go, hrefTo, type Query } from '../state/route.ts'
import { filtersOf } from '../state/row-query.ts'
import { type RunStore, useRun } from '../state/run-store.ts'
import { scenePictures, type StagePicture } from '../state/scene-pictures.ts'
import { seenRows, tellingFilters, useSeen } from '../state/seen-rows.ts'
import type { Source } from '../state/source.ts'
import { type Answers, useAnswers } from '../state/use-answers.ts'
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
  const store = useRun(source, run)
  const { rows } = useRows(store, query)
  const [by, setBy] = useAnnotator()
  const answers = useAnswers(source, run)
  const seed = Number(query['seed'] ?? '1')
  const order = useDrawn(store, rows, Number.isInteger(seed) && seed >= 0 ? seed : 1)
  const isBlind = query['blind'] === '1'
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
    if (next !== undefined) go(link(next), true)
  }, [row, isReady, by])
  const forward = () => {
    if (isReady && next !== undefined) go(link(next))
  }
  useKeys({ Enter: forward, Escape: () => go(hrefTo(['run', run, 'grid'], filtersOf(query))) })
  const [detail] = useRollouts(store.details, row === undefined ? [] : [row])
  const known = row !== undefined && row < store.columns.length
  const [sample] = useSamples(store.details, known ? [store.columns.rows.sample.at(row)] : [])
  if (source.asking === undefined)
    return (
      <RunFrame store={store} view="annotate">
        <p class="empty">This page was written to a file: answers are given where `dda view` runs.</p>
      </RunFrame>
    )
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
      {detail === null ? (
        <p class="empty">There is no rollout {row}.</p>
      ) : row === undefined ? (
        by !== '' && <p class="empty">{isReady ? 'Nothing is left to answer here.' : 'Reading …'}</p>
      ) : detail === undefined || sample === undefined || !known || answers.isReading ? (
        <p class="empty">Reading …</p>
      ) : sample === null ? (
        <p class="empty">The data no longer hold this sample: nobody can tell what was asked.</p>
      ) : (
        <Asked
          key={`${row} ${by} ${isBlind}`}
          {...{ store, detail, sample, answers, by, isBlind, query }}
          mode={query['mode']}
          setMode={(mode) => go(link(row, { mode }), true)}
        />
      )}
    </RunFrame>
  )
}

interface AskedProps {
  readonly store: RunStore
  readonly detail: RolloutDetail
  readonly sample: Sample
  readonly answers: Answers
  readonly by: string
  readonly isBlind: boolean
  readonly query: Query
  readonly mode: string | undefined
  readonly setMode: (mode: string) => void
}

function Asked({ store, detail, sample, answers, by, isBlind, query, mode, setMode }: AskedProps) {
  const { row, rollout } = detail
  const questions = answerable(sample.checklist, rollout)
  const said = answers.of(row)
  const isAnswered = (item: string) => said.some((one) => one.by === by && one.item === item)
  const open = questions.findIndex(({ id }) => !isAnswered(id))
  const [marked, setMarked] = useState(Math.max(0, open))
  // Once all is answered there is nothing left that could be swayed; what is said from then on is not blind.
  const isOpen = !isBlind || (by !== '' && open === -1)
  const pictures = scenePictures(store, detail, sample)
  const wasSeen = seenRows(store.name).has(row)
  useSeen(store.name, isOpen ? [row] : [])
  const told = tellingFilters(query)
  const recordedBlind = !isOpen && !wasSeen && told.length === 0
  const answer = (item: string, value: Answer | null, note?: string) => {
    if (by === '') return
    const one = { item, answer: value, ...(note === undefined || note === '' ? {} : { note }) }
    void answers.add({ row, rollout: rollout.id, by, ...(recordedBlind ? { blind: true } : {}), answers: [one] })
  }
  const say = (value: Answer) => {
    const question = questions[marked]
    if (question === undefined) return
    answer(question.id, value)
    const following = questions.findIndex(({ id }, place) => place > marked && !isAnswered(id))
    if (following !== -1) setMarked(following)
  }
  const move = (by: number) => setMarked(Math.min(questions.length - 1, Math.max(0, marked + by)))
  useKeys({
    y: () => say('yes'),
    n: () => say('no'),
    u: () => say('unsure'),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  })
  return (
    <article class="rollout">
      <PictureStage pictures={isOpen ? pictures : pictures.map(withoutReason)} mode={mode} setMode={setMode} />
      <section class="told">
        <p class="instruction">{sample.instruction}</p>
        <p class="executable">{executableOf(rollout.plan)}</p>
        <details>
          <summary>Reference in words</summary>
          <p>{sample.reference}</p>
        </details>
      </section>
      <section>
        <h2>Questions</h2>
        {questions.length === 0 ? (
          <p class="none">There is nothing to look at: neither plan nor edit.</p>
        ) : (
          <QuestionList mark={setMarked} {...{ detail, questions, marked, by, said, isOpen, answer }} />
        )}
        {isBlind && !isOpen && !recordedBlind && (
          <p class="mark odd">
            {told.length > 0
              ? `Chosen by ${told.join(', ')}, which tells what the judge says: answers are recorded as not blind.`
              : 'This browser has shown what the judge says of this rollout: answers are recorded as not blind.'}
          </p>
        )}
        {isBlind && by !== '' && (
          <p role="status">
            {isOpen
              ? 'All answered: judge and others are shown. Changes from here on are not blind.'
              : 'What the judge says is shown when all questions are answered.'}
          </p>
        )}
      </section>
    </article>
  )
}

/** Why there is no edit tells what a gate said of the plan. */
function withoutReason(picture: StagePicture): StagePicture {
  return picture.none === undefined ? picture : { ...picture, none: 'no picture' }
}
