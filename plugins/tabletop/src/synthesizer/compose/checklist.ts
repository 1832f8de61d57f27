import type { ChecklistItem, Scope } from '@dda-thinker/plugin-api'
import { type Clause, type Mention, ORDINARY, type SceneObject } from '@dda-thinker/tabletop-world'
import { type PictureQuestion, type PlanQuestion, printQuestion } from '../../judge/questions.ts'
import { mentionOf } from '../../rules/table.ts'
import { applyClauses } from './apply.ts'

/** Items in one scope: 3 to 6, so that each carries weight. */
const MOST = 6

/** The asked-for result weighs more than a sign that something was done to the right thing, which any edit of it leaves. */
const RESULT_WEIGHT = 3

/** A question with the answer that it should have. */
export type Asked<Q> = readonly [question: Q, expected: 'yes' | 'no', aspect?: 'preservation']

/**
 * The checklist of a task. All items pass exactly where the edits made are the solution's; an untouched table passes
 * none but the preservation items, which are one in four at most.
 */
export function checklistOf(objects: readonly SceneObject[], solution: readonly Clause[]): readonly ChecklistItem[] {
  return [
    ...itemsOf('cognitive', planQuestions(objects, solution)),
    ...itemsOf('visual', pictureQuestions(objects, solution)),
  ]
}

/** Numbered items of one scope. */
export function itemsOf(scope: Scope, asked: readonly Asked<PlanQuestion | PictureQuestion>[]): ChecklistItem[] {
  return asked.map(([question, expected, aspect], i) => ({
    id: `${scope}-${i + 1}`,
    scope,
    question: printQuestion(question),
    expected,
    ...(aspect !== undefined && { aspect }),
    ...(aspect === undefined && expected === 'yes' && { weight: RESULT_WEIGHT }),
  }))
}

function planQuestions(objects: readonly SceneObject[], solution: readonly Clause[]): Asked<PlanQuestion>[] {
  const touched = touchedBy(objects, solution)
  const added = solution.flatMap((clause) => (clause.op === 'add' ? clause.thing.kind : []))
  const spared = objects.find((object) => !touched.includes(object) && !added.includes(object.kind))
  const first = touched[0]
  const questions: Asked<PlanQuestion>[] = [
    ...solution.map((clause): Asked<PlanQuestion> => [{ ask: 'edit', clause }, 'yes']),
    [{ ask: 'edit-count', count: solution.length }, 'yes', 'preservation'],
    spared === undefined
      ? [{ ask: 'adds-or-removes' }, solution.some(addsOrRemoves) ? 'yes' : 'no']
      : [{ ask: 'spares', thing: mentionOf(spared) }, 'yes', 'preservation'],
    first === undefined ? [{ ask: 'does-nothing' }, 'no'] : [{ ask: 'spares', thing: mentionOf(first) }, 'no'],
  ]
  if (added.length === 0)
    questions.push([{ ask: 'changes-only', things: touched.map(mentionOf) }, 'yes', 'preservation'])
  return questions.slice(0, MOST)
}

function pictureQuestions(objects: readonly SceneObject[], solution: readonly Clause[]): Asked<PictureQuestion>[] {
  const after = applyClauses(objects, solution)
  const touched = touchedBy(objects, solution)
  const adds = solution.some(({ op }) => op === 'add')
  const spared = objects.filter((object) => !touched.includes(object)).at(-1)
  const keeping: Asked<PictureQuestion>[] = []
  if (touched.length === 0) keeping.push([{ ask: 'all-kept' }, 'yes', 'preservation'])
  else {
    // Something new has no counterpart in the source, so "only these changed" would count it as a change.
    if (!adds) keeping.push([{ ask: 'only-changed', things: touched.map(mentionOf) }, 'yes', 'preservation'])
    if (spared !== undefined) keeping.push([{ ask: 'unchanged', thing: mentionOf(spared) }, 'yes', 'preservation'])
  }
  const signs = solution.map((clause) => signsOf(clause, objects, after))
  const results = signs.flatMap(([result]) => (solution.length === 1 ? result : result.slice(0, 1)))
  const traces = signs.flatMap(([, trace]) => trace)
  return [...results, ...traces.slice(0, Math.max(0, MOST - keeping.length - results.length)), ...keeping]
}

function addsOrRemoves({ op }: Clause): boolean {
  return op === 'add' || op === 'remove'
}

/** What shows that an edit was made: what is there now, and what is no longer there. */
function signsOf(
  clause: Clause,
  before: readonly SceneObject[],
  after: readonly SceneObject[],
): readonly [results: Asked<PictureQuestion>[], traces: Asked<PictureQuestion>[]] {
  if (clause.op === 'add') {
    const thing = clause.thing
    return [
      [
        [{ ask: 'there', thing, at: clause.at }, 'yes'],
        [{ ask: 'thing-count', count: after.length }, 'yes'],
      ],
      [[{ ask: 'free', at: clause.at }, 'no']],
    ]
  }
  const object = before.find((o) => o.kind === clause.target.kind) as SceneObject
  const place = { column: object.column }
  const was: Mention = { kind: object.kind, state: object.state ?? ORDINARY }
  switch (clause.op) {
    case 'turn':
      return [
        [[{ ask: 'there', thing: { kind: object.kind, state: clause.state }, at: place }, 'yes']],
        [[{ ask: 'visible', thing: was }, 'no']],
      ]
    case 'replace':
      return [
        [[{ ask: 'there', thing: clause.by, at: place }, 'yes']],
        [[{ ask: 'visible', thing: { kind: object.kind } }, 'no']],
      ]
    case 'remove':
      return [[[{ ask: 'free', at: place }, 'yes']], [[{ ask: 'visible', thing: { kind: object.kind } }, 'no']]]
    case 'resize':
      return [
        [[{ ask: 'size', thing: mentionOf(object), size: clause.size }, 'yes']],
        [[{ ask: 'size', thing: mentionOf(object), size: object.size }, 'no']],
      ]
    case 'move': {
      const moved = after.find((o) => o.kind === object.kind) as SceneObject
      const trace: Asked<PictureQuestion> =
        moved.column === object.column
          ? [{ ask: 'there', thing: mentionOf(object), at: { column: object.column, row: object.row } }, 'no']
          : [{ ask: 'there', thing: mentionOf(object), at: place }, 'no']
      return [
        [[{ ask: 'there', thing: mentionOf(object), at: { column: moved.column, row: moved.row } }, 'yes']],
        [trace],
      ]
    }
    default: {
      const other = before.find((o) => o.kind === clause.other.kind) as SceneObject
      return [
        [
          [{ ask: 'there', thing: mentionOf(object), at: { column: other.column } }, 'yes'],
          [{ ask: 'there', thing: mentionOf(other), at: place }, 'yes'],
        ],
        [[{ ask: 'there', thing: mentionOf(object), at: place }, 'no']],
      ]
    }
  }
}

/** The objects that the edits name, from left to right. */
export function touchedBy(objects: readonly SceneObject[], solution: readonly Clause[]): readonly SceneObject[] {
  const named = new Set(
    solution.flatMap((clause) => {
      if (clause.op === 'add') return []
      return clause.op === 'swap' ? [clause.target.kind, clause.other.kind] : [clause.target.kind]
    }),
  )
  return objects.filter((object) => named.has(object.kind))
}
