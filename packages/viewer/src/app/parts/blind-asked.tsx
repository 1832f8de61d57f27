import { useState } from 'preact/hooks'
import type { BlindRollout } from '../../wire/view-data.ts'
import type { Query } from '../state/route.ts'
import type { RunStore } from '../state/run-store.ts'
import { seenRows, tellingFilters } from '../state/seen-rows.ts'
import type { Answers } from '../state/use-answers.ts'
import { QuestionsAsked } from './questions-asked.tsx'
import { SightView } from './sight-view.tsx'
import { count } from './words.ts'

export interface BlindAskedProps {
  readonly store: RunStore
  readonly asked: BlindRollout
  readonly answers: Answers
  readonly by: string
  readonly query: Query
  readonly mode: string | undefined
  readonly setMode: (mode: string) => void
}

/** Questions about a rollout of which the page has only what the judges were shown. */
export function BlindAsked({ store, asked, answers, by, query, mode, setMode }: BlindAskedProps) {
  const { row, rollout, questions, later } = asked
  const said = answers.of(row)
  const [marked, setMarked] = useState(0)
  const shown = questions[marked]?.shown ?? questions[0]?.shown
  const told = tellingFilters(query)
  const isBlind = told.length === 0 && !seenRows(store.name).has(row)
  if (shown === undefined)
    return (
      <p class="empty">
        {isGone(store, row)
          ? 'The data no longer hold this sample: nobody can tell what was asked.'
          : 'There is nothing to look at: neither plan nor edit.'}
      </p>
    )
  return (
    <article class="rollout">
      <SightView source={store.source} shown={shown} mode={mode} setMode={setMode} />
      <section>
        <h2>Questions</h2>
        <QuestionsAsked
          {...{ questions, by, said }}
          isStage
          onMark={setMarked}
          answer={(item, answer, note) =>
            answers.add({
              row,
              rollout,
              by,
              ...(isBlind ? { blind: true } : {}),
              answers: [{ item, answer, ...(note === undefined || note === '' ? {} : { note }) }],
            })
          }
        />
        {!isBlind && (
          <p class="mark odd">
            {told.length > 0
              ? `Chosen by ${told.join(', ')}, which tells what the judge says: answers are recorded as not blind.`
              : 'This browser has shown what the judge says of this rollout: answers are recorded as not blind.'}
          </p>
        )}
        {by !== '' && (
          <p role="status">
            {later > 0
              ? `The plan, and ${count(later)} questions about it, come when these are answered.`
              : 'What the judge says is shown when all questions are answered.'}
          </p>
        )}
      </section>
    </article>
  )
}

/** Of a sample that the data do not hold nothing is known but its id. */
function isGone({ columns }: RunStore, row: number): boolean {
  return row < columns.length && columns.sampleFacts[columns.rows.sample.at(row)]?.category === undefined
}
