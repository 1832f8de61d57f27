import type { Answer, RolloutDetail, RowAnnotation, Sample } from '../../wire/view-data.ts'
import { TextField } from './text-field.tsx'

const ANSWERS = [
  ['yes', 'Yes', 'y'],
  ['no', 'No', 'n'],
  ['unsure', 'Unsure', 'u'],
] as const satisfies readonly (readonly [Answer, string, string])[]

interface QuestionListProps {
  readonly detail: RolloutDetail
  readonly questions: Sample['checklist']
  /** Place of the one that keys answer. */
  readonly marked: number
  readonly mark: (place: number) => void
  readonly by: string
  readonly said: readonly RowAnnotation[]
  /** What judge and others say is shown. */
  readonly isOpen: boolean
  readonly answer: (item: string, answer: Answer | null, note?: string) => void
}

/** Questions with what somebody says to each; what the judge and others say only when that can sway nobody. */
export function QuestionList({ detail, questions, marked, mark, by, said, isOpen, answer }: QuestionListProps) {
  return (
    <ol class="questions">
      {questions.map(({ id, scope, question, expected }, place) => {
        const own = said.find((one) => one.item === id && one.by === by)
        const verdict = detail.rollout.verdicts.find(({ itemId }) => itemId === id)
        const others = said.filter((one) => one.item === id && one.by !== by)
        return (
          <li key={id} class={place === marked ? 'marked' : ''} onClick={() => mark(place)}>
            <p id={`question-${place}`}>
              <span class="scope">{scope}</span> {question}
            </p>
            <div class="tools" role="group" aria-labelledby={`question-${place}`}>
              {ANSWERS.map(([value, label, key]) => (
                <button
                  key={value}
                  type="button"
                  aria-pressed={own?.answer === value}
                  aria-keyshortcuts={key}
                  disabled={by === ''}
                  onClick={() => answer(id, own?.answer === value ? null : value)}
                >
                  {label}
                </button>
              ))}
              {own !== undefined && (
                <TextField
                  label="Why"
                  value={own.note ?? ''}
                  maxLength={2000}
                  commit={(note) => answer(id, own.answer, note)}
                />
              )}
            </div>
            {isOpen && (
              <p class="others">
                {verdict === undefined ? (
                  <span class="mark plain">the judge was not asked</span>
                ) : (
                  <>
                    <span class={`mark ${verdict.answer === expected ? 'good' : 'bad'}`}>
                      the judge: {verdict.answer}, {verdict.answer === expected ? 'passed' : 'failed'}
                    </span>{' '}
                    <small>{verdict.reason}</small>
                  </>
                )}
                {others.map((one) => (
                  <span key={one.by}>
                    {' '}
                    {one.by}: {one.answer}
                  </span>
                ))}
              </p>
            )}
          </li>
        )
      })}
    </ol>
  )
}
