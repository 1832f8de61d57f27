import { useRef, useState } from 'preact/hooks'
import type { Answer, RowAnnotation } from '../../wire/view-data.ts'
import { useKeys } from '../state/keys.ts'
import { type AskedQuestion, QuestionList } from './question-list.tsx'

interface QuestionsAskedProps {
  readonly questions: readonly AskedQuestion[]
  readonly by: string
  /** What anybody says of this rollout. */
  readonly said: readonly RowAnnotation[]
  /** More is shown once all are answered: keys that come too early answer nothing. */
  readonly isStage: boolean
  /** Told the question that keys answer. */
  readonly onMark?: (place: number) => void
  /** Resolves to whether it is on the record. */
  readonly answer: (item: string, answer: Answer | null, note?: string) => Promise<boolean>
}

/** Questions that are answered by keys, one after the other. */
export function QuestionsAsked({ questions, by, said, isStage, onMark, answer }: QuestionsAskedProps) {
  const sent = useRef(new Set<string>())
  const isAnswered = ({ id }: AskedQuestion) =>
    sent.current.has(id) || said.some((one) => one.by === by && one.item === id)
  const [marked, setMarked] = useState(
    Math.max(
      0,
      questions.findIndex((one) => !isAnswered(one)),
    ),
  )
  const mark = (place: number) => {
    setMarked(place)
    onMark?.(place)
  }
  const give = async (item: string, value: Answer | null, note?: string) => {
    if (by === '') return
    if (value !== null) sent.current.add(item)
    if (!(await answer(item, value, note)) || value === null) sent.current.delete(item)
  }
  const say = (value: Answer) => {
    const question = questions[marked]
    if (question === undefined || (isStage && questions.every(isAnswered))) return
    void give(question.id, value)
    const following = questions.findIndex((one, place) => place > marked && !isAnswered(one))
    if (following !== -1) mark(following)
  }
  const move = (step: number) => mark(Math.min(questions.length - 1, Math.max(0, marked + step)))
  useKeys({
    y: () => say('yes'),
    n: () => say('no'),
    u: () => say('unsure'),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  })
  return <QuestionList {...{ questions, marked, mark, by, said }} answer={(...given) => void give(...given)} />
}
