import { answerable } from '../../wire/answerable.ts'
import type { RolloutDetail, RowAnnotation, Sample } from '../../wire/view-data.ts'
import type { RunStore } from '../state/run-store.ts'
import { scenePictures } from '../state/scene-pictures.ts'
import { useSeen } from '../state/seen-rows.ts'
import type { Answers } from '../state/use-answers.ts'
import { PictureStage } from './picture-stage.tsx'
import { QuestionsAsked } from './questions-asked.tsx'
import { executableOf } from './words.ts'
import { ReferenceInWords } from './reference-in-words.tsx'

interface OpenAskedProps {
  readonly store: RunStore
  readonly detail: RolloutDetail
  readonly sample: Sample
  readonly answers: Answers
  /** What others say where the answers that are known are one person's. */
  readonly others?: readonly RowAnnotation[]
  readonly by: string
  readonly mode: string | undefined
  readonly setMode: (mode: string) => void
}

/** Questions about a rollout beside everything that is known of it. What is answered here is not blind. */
export function OpenAsked({ store, detail, sample, answers, others, by, mode, setMode }: OpenAskedProps) {
  const { row, rollout } = detail
  const said = [...answers.of(row), ...(others ?? [])]
  useSeen(store.name, [row])
  const questions = answerable(sample.checklist, rollout).map(({ id: item, scope, question, expected }) => {
    const verdict = rollout.verdicts.find(({ itemId }) => itemId === item)
    const judge = verdict === undefined ? undefined : { ...verdict, passed: verdict.answer === expected }
    return {
      id: item,
      scope,
      question,
      told: { judge, others: said.filter((one) => one.item === item && one.by !== by) },
    }
  })
  return (
    <article class="rollout">
      <PictureStage pictures={scenePictures(store, detail, sample)} mode={mode} setMode={setMode} />
      <section class="told">
        <p class="instruction">{sample.instruction}</p>
        <p class="executable">{executableOf(rollout.plan)}</p>
        <ReferenceInWords reference={sample.reference} />
      </section>
      <section>
        <h2>Questions</h2>
        {questions.length === 0 ? (
          <p class="none">There is nothing to look at: neither plan nor edit.</p>
        ) : (
          <QuestionsAsked
            {...{ questions, by, said }}
            isStage={false}
            answer={(item, answer, note) => {
              const one = { item, answer, ...(note === undefined || note === '' ? {} : { note }) }
              return answers.add({ row, rollout: rollout.id, by, answers: [one] })
            }}
          />
        )}
        {others !== undefined && by !== '' && (
          <p role="status">All answered: judge and others are shown. Changes from here on are not blind.</p>
        )}
      </section>
    </article>
  )
}
