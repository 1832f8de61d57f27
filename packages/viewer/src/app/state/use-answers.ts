import { useEffect, useState } from 'preact/hooks'
import type { NewAnswers, RowAnnotation } from '../../wire/view-data.ts'
import type { Source } from './source.ts'
import { untilAnswered } from './until-answered.ts'

/** What people say of a run, by row and item. */
export interface Answers {
  /** Nothing is known of what was said before. */
  readonly isReading: boolean
  readonly problem: string | undefined
  /** Another one whenever something of it changes. */
  readonly said: ReadonlyMap<number, readonly RowAnnotation[]> | undefined
  of(row: number): readonly RowAnnotation[]
  /** Items of a row that somebody answered. */
  countOf(row: number, by: string): number
  /** Never rejects: what went wrong is the problem. Resolves to whether it is on the record. */
  add(answers: NewAnswers): Promise<boolean>
}

/** @param only what this person says; undefined: what everybody says */
export function useAnswers(source: Source, run: string, only?: string): Answers {
  // Of another person or run nothing is shown or added to until its own answers are there: they would come later, and put aside what was said in between.
  const key = JSON.stringify([run, only ?? null])
  const [kept, setKept] = useState<{
    readonly key: string
    readonly said: ReadonlyMap<number, readonly RowAnnotation[]>
  }>()
  const said = kept?.key === key ? kept.said : undefined
  const [problem, setProblem] = useState<string>()
  useEffect(
    () =>
      untilAnswered(() => source.annotations(run, only), {
        onAnswer: (all) => {
          setProblem(undefined)
          const byRow = new Map<number, RowAnnotation[]>()
          for (const one of all) byRow.set(one.row, [...(byRow.get(one.row) ?? []), one])
          setKept({ key, said: byRow })
        },
        onProblem: setProblem,
      }),
    [source, run, only],
  )
  const of = (row: number) => said?.get(row) ?? []
  return {
    isReading: said === undefined,
    problem,
    said,
    of,
    countOf: (row, by) => of(row).filter((one) => one.by === by).length,
    async add(answers) {
      const { row, by } = answers
      try {
        const made = await source.asking?.answer(run, answers)
        setProblem(undefined)
        const items = new Set(answers.answers.map(({ item }) => item))
        // Others' answers are as they were, and so are those to other items.
        setKept((before) => {
          if (before?.key !== key) return before
          const others = (before.said.get(row) ?? []).filter((one) => one.by !== by || !items.has(one.item))
          return { key, said: new Map(before.said).set(row, [...others, ...(made ?? [])]) }
        })
        return true
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error))
        return false
      }
    },
  }
}
