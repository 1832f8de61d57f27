import {
  COLUMN_NAMES,
  type Clause,
  ORDINARY,
  type SceneObject,
  printMention,
  printPlace,
} from '@dda-thinker/tabletop-world'
import { mentionOf } from '../../rules/table.ts'
import { applyClauses } from './apply.ts'

/**
 * The rational reference description: why, what is different, and the whole table after the ideal edit, in two to four
 * sentences.
 */
export function referenceOf(
  because: string | undefined,
  objects: readonly SceneObject[],
  solution: readonly Clause[],
): string {
  const after = applyClauses(objects, solution).toSorted((a, b) => a.column - b.column)
  const changes = sentence(solution.map((clause) => changeOf(clause, objects, after)))
  const table = sentence([
    `from left to right the table shows ${enumerate(
      after.map((o) => `${printMention(mentionOf(o), 'a')} (${COLUMN_NAMES[o.column]})`),
    )}, and nothing else has changed`,
  ])
  return [because, changes, table].filter((part) => part !== undefined).join(' ')
}

function changeOf(clause: Clause, before: readonly SceneObject[], after: readonly SceneObject[]): string {
  if (clause.op === 'add') return `there is now ${printMention(clause.thing, 'a')} at ${printPlace(clause.at)}`
  const object = before.find((o) => o.kind === clause.target.kind) as SceneObject
  const name = printMention(mentionOf(object), 'the')
  const where = `the ${COLUMN_NAMES[object.column]}`
  switch (clause.op) {
    case 'turn':
      return clause.state === ORDINARY
        ? `${name} at ${where} looks ordinary again`
        : `${name} at ${where} is ${clause.state}`
    case 'replace':
      return `where ${name} stood, at ${where}, there is ${printMention(clause.by, 'a')}`
    case 'remove':
      return `${name} is gone and ${where} is free`
    case 'resize':
      return `${name} is ${clause.size}`
    case 'move': {
      const moved = after.find((o) => o.kind === object.kind) as SceneObject
      return `${name} stands at the ${moved.row} ${COLUMN_NAMES[moved.column]}`
    }
    default: {
      const other = before.find((o) => o.kind === clause.other.kind) as SceneObject
      return `${name} and ${printMention(mentionOf(other), 'the')} have traded places`
    }
  }
}

function sentence(parts: readonly string[]): string {
  const text = enumerate(parts)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function enumerate(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
