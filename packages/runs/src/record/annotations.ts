import { type Verdict, Type } from '@dda-thinker/plugin-api'
import type { HumanAnswer } from '@dda-thinker/evaluation'
import { appendLines, readLines } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { shapeOf } from '../shapes/shape.ts'
import { runFile } from './layout.ts'

/** A line of `annotations.jsonl`: what a person says of one item of one rollout. Never changed; a later one of the same person holds. */
export interface Annotation {
  /** Id of the rollout. */
  readonly rollout: string
  /** Id of the checklist item. */
  readonly item: string
  /** `null` takes back what the person said before. */
  readonly answer: Verdict['answer'] | null
  /** Who says so: a name or an address, as people are told apart. */
  readonly by: string
  /** ISO 8601. */
  readonly at: string
  /** Why, in words. */
  readonly note?: string
  /** The person did not see what the judge says. */
  readonly blind?: boolean
}

/** What a caller gives; the time is filled in. */
export type NewAnnotation = Omit<Annotation, 'at'> & { readonly at?: string }

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
/** Lengths are bounded: lines come from forms and files of others. */
const ANNOTATION = Type.Object({
  rollout: text(2000),
  item: text(2000),
  answer: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('unsure'), Type.Null()]),
  by: text(200),
  at: text(40),
  note: Type.Optional(Type.String({ maxLength: 20_000 })),
  blind: Type.Optional(Type.Boolean()),
})
const problemOf = shapeOf(ANNOTATION)

/** What is wrong with a value as an annotation, in words; undefined where nothing is. */
export function annotationProblem(value: unknown): string | undefined {
  const problem = problemOf(value)
  if (problem !== undefined) return problem
  return Number.isNaN(Date.parse((value as Annotation).at)) ? 'at is no time' : undefined
}

/**
 * Appends what people say to a run's record; it is on the disk when this resolves. All or none: nothing is written where one is unfit.
 * Several processes may do so at the same time. Whether rollout and item are there is the caller's to know.
 *
 * @throws DdaError `DDA_ANNOTATION_INVALID`; `DDA_DISK_FULL`, `DDA_FILE_SYSTEM`, on a read-only disk too
 */
export async function appendAnnotations(
  runDir: string,
  given: readonly NewAnnotation[],
): Promise<readonly Annotation[]> {
  const now = new Date().toISOString()
  const annotations = given.map((one): Annotation => ({ ...one, at: one.at ?? now }))
  for (const [i, annotation] of annotations.entries()) {
    const problem = annotationProblem(annotation)
    if (problem !== undefined) throw errors.make('DDA_ANNOTATION_INVALID', { place: `annotation ${i + 1}`, problem })
  }
  if (annotations.length === 0) return []
  const lines = annotations.map((annotation) => JSON.stringify(annotation))
  await appendLines(runFile(runDir, 'annotations'), lines)
  return annotations
}

/** Everything that was said, in order, what was taken back or said anew too. Broken lines are passed over: the others hold. */
export async function* readAnnotations(runDir: string): AsyncIterable<Annotation> {
  const options = { onBroken: () => undefined, check: annotationProblem }
  yield* readLines<Annotation>(runFile(runDir, 'annotations'), options)
}

/** What holds now: the last word of each person on each question. */
export async function currentAnnotations(runDir: string): Promise<readonly (Annotation & HumanAnswer)[]> {
  const last = new Map<string, Annotation>()
  for await (const annotation of readAnnotations(runDir)) {
    last.set(JSON.stringify([annotation.rollout, annotation.item, annotation.by]), annotation)
  }
  return [...last.values()].filter((one): one is Annotation & HumanAnswer => one.answer !== null)
}
