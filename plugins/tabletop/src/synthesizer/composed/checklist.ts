import type { ChecklistItem } from '@dda-thinker/plugin-api'
import { type Clause, ORDINARY, type SceneObject } from '@dda-thinker/tabletop-world'
import type { PictureQuestion, PlanQuestion } from '../../judge/questions.ts'
import { mentionOf } from '../../rules/table.ts'
import { applyClauses } from '../compose/apply.ts'
import { type Asked, itemsOf, touchedBy } from '../compose/checklist.ts'

/** Items in one scope, at most. At least there are six. */
const MOST = 12

/**
 * The checklist of a task of several rules: 6 to 12 items a scope. Every edit has items of its own, and where a thing changes
 * and moves, its place and its look are asked for apart, so a plan that gets some of it right is worth some of it. All items
 * pass exactly where the edits made are the solution's.
 *
 * @param solution turns, replacements by another kind, and exchanges
 */
export function composedChecklist(
  objects: readonly SceneObject[],
  solution: readonly Clause[],
): readonly ChecklistItem[] {
  return [
    ...itemsOf('cognitive', planQuestions(objects, solution)),
    ...itemsOf('visual', pictureQuestions(objects, solution)),
  ]
}

function planQuestions(objects: readonly SceneObject[], solution: readonly Clause[]): Asked<PlanQuestion>[] {
  const touched = touchedBy(objects, solution)
  const spared = objects.filter((object) => !touched.includes(object))
  const questions: Asked<PlanQuestion>[] = [
    ...solution.map((clause): Asked<PlanQuestion> => [{ ask: 'edit', clause }, 'yes']),
    [{ ask: 'edit-count', count: solution.length }, 'yes', 'preservation'],
    [{ ask: 'changes-only', things: touched.map(mentionOf) }, 'yes', 'preservation'],
    ...spared.map((o): Asked<PlanQuestion> => [{ ask: 'spares', thing: mentionOf(o) }, 'yes', 'preservation']),
    ...touched.map((o): Asked<PlanQuestion> => [{ ask: 'spares', thing: mentionOf(o) }, 'no']),
  ]
  return questions.slice(0, MOST)
}

function pictureQuestions(objects: readonly SceneObject[], solution: readonly Clause[]): Asked<PictureQuestion>[] {
  const touched = touchedBy(objects, solution)
  const spared = objects.filter((object) => !touched.includes(object))
  const signs = touched.map((object) => signsOf(object, becomes(object, objects, solution)))
  const results = signs.flatMap(([result]) => result)
  const keeping: Asked<PictureQuestion>[] = [
    [{ ask: 'only-changed', things: touched.map(mentionOf) }, 'yes', 'preservation'],
    ...spared.map((o): Asked<PictureQuestion> => [{ ask: 'unchanged', thing: mentionOf(o) }, 'yes', 'preservation']),
  ]
  const traces = signs.flatMap(([, trace]) => trace)
  return [...results, ...traces.slice(0, MOST - keeping.length - results.length), ...keeping]
}

/** What a thing is after the edits, wherever it stands then. */
function becomes(object: SceneObject, objects: readonly SceneObject[], solution: readonly Clause[]): SceneObject {
  const replaced = solution.flatMap((c) => (c.op === 'replace' && c.target.kind === object.kind ? [c.by.kind] : []))
  const kind = replaced[0] ?? object.kind
  return applyClauses(objects, solution).find((o) => o.kind === kind) as SceneObject
}

type Signs = readonly [results: readonly Asked<PictureQuestion>[], traces: readonly Asked<PictureQuestion>[]]

function signsOf(before: SceneObject, after: SceneObject): Signs {
  const at = { column: after.column }
  const there: Asked<PictureQuestion> = [{ ask: 'there', thing: { kind: after.kind }, at }, 'yes']
  const result: Asked<PictureQuestion> = [{ ask: 'there', thing: mentionOf(after), at }, 'yes']
  const stayed: Asked<PictureQuestion> = [
    { ask: 'there', thing: { kind: before.kind }, at: { column: before.column } },
    'no',
  ]
  const look = { kind: before.kind, state: before.state ?? ORDINARY }
  const asBefore: Asked<PictureQuestion> = [
    { ask: 'visible', thing: after.kind === before.kind ? look : { kind: before.kind } },
    'no',
  ]
  const moved = before.column !== after.column
  if (after.kind === before.kind && after.state === before.state) return [[there], [stayed]]
  if (!moved) return [[result], [asBefore]]
  return after.state === undefined ? [[result], [asBefore]] : [[there, result], [asBefore]]
}
