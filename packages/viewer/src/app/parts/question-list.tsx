import type { Answer, BlindQuestion, RowAnnotation } from '../../wire/view-data.ts'
import type { Verdict } from '@dda-thinker/plugin-api'
import { TextField } from './text-field.tsx'

const ANSWERS = [
  ['yes', 'Yes', 'y'],
  ['no', 'No', 'n'],
  ['unsure', 'Unsure', 'u'],
] as const satisfies readonly (readonly [Answer, string, string])[]

/** A question, and beside it, where that can sway nobody any more, what the judge and others say. */
export interface AskedQuestion extends Pick<BlindQuestion, 'id' | 'scope' | 'question'> {
  readonly told?: {
    readonly judge: (Pick<Verdict, 'answer' | 'reason'> & { readonly passed: boolean }) | undefined
    readonly others: readonly RowAnnotation[]
  }
}

interface QuestionListProps {
  readonly questions: readonly AskedQuestion[]
  /** Place of the one that keys answer. */
  readonly marked: number
  readonly mark: (place: number) => void
  readonly by: string
  readonly said: readonly RowAnnotation[]
  readonly answer: (item: string, answer: Answer | null, note?: string) => void
}

/** Questions with what somebody says to each. */
export function QuestionList({ questions, marked, mark, by, said, answer }: QuestionListProps) {
  return (
    <ol class="questions">
      {questions.map(({ id, scope, question, told }, place) => {
        const own = said.find((one) => one.item === id && one.by === by)
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
            {told !== undefined && (
              <p class="others">
                {told.judge === undefined ? (
                  <span class="mark plain">the judge was not asked</span>
                ) : (
                  <>
                    <span class={`mark ${told.judge.passed ? 'good' : 'bad'}`}>
                      the judge: {told.judge.answer}, {told.judge.passed ? 'passed' : 'failed'}
                    </span>{' '}
                    <small>{told.judge.reason}</small>
                  </>
                )}
                {told.others.map((one) => (
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
