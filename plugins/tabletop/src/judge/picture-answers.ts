import {
  COLUMN_NAMES,
  type Mention,
  ORDINARY,
  type Place,
  type SeenObject,
  type Sight,
  printMention,
  printPlace,
} from '@dda-thinker/tabletop-world'
import type { Answer } from './answer.ts'
import type { PictureQuestion } from './questions.ts'

/** Answers a question about an edited picture from what is seen in it and in its source. */
export function answerAboutPicture(question: PictureQuestion, source: Sight, edited: Sight): Answer {
  switch (question.ask) {
    case 'there':
      return answerThere(question.thing, question.at, edited)
    case 'visible': {
      const found = edited.objects.find((object) => isA(object, question.thing))
      return found === undefined
        ? { yes: false, reason: `There is no ${nounOf(question.thing)} in the picture.` }
        : { yes: true, reason: `There is ${describe(found)}.` }
    }
    case 'unchanged':
      return answerUnchanged(question.thing, source, edited)
    case 'only-changed':
      return answerOnlyChanged(question.things, source, edited)
    case 'all-kept': {
      const lost = source.objects.find((object) => !isKept(object, edited))
      return lost === undefined
        ? { yes: true, reason: 'All that stood there stands there still.' }
        : { yes: false, reason: `Before, there was ${describe(lost)}; ${nowAt(lost, edited)}.` }
    }
    case 'free': {
      const found = edited.objects.find((object) => isAt(object, question.at))
      return found === undefined
        ? { yes: true, reason: `Nothing stands at ${printPlace(question.at)}.` }
        : { yes: false, reason: `There is ${describe(found)}.` }
    }
    case 'thing-count': {
      const count = edited.objects.length
      return { yes: count === question.count, reason: `There are ${count} things on the table.` }
    }
    case 'size': {
      const found = edited.objects.find((object) => isA(object, question.thing))
      return found === undefined
        ? { yes: false, reason: `There is no ${nounOf(question.thing)} in the picture.` }
        : { yes: found.size === question.size, reason: `${printMention(found, 'the')} is ${found.size}.` }
    }
    default: {
      const lost = source.objects.find((object) => !isKept(object, edited))
      if (lost !== undefined) return { yes: false, reason: `Before, there was ${describe(lost)}.` }
      const extra = edited.objects.find((object) => !isKept(object, source))
      return extra === undefined
        ? { yes: true, reason: 'Nothing has changed.' }
        : { yes: false, reason: `New on the table: ${describe(extra)}.` }
    }
  }
}

function answerThere(thing: Mention, at: Place, edited: Sight): Answer {
  const standing = edited.objects.filter((object) => isAt(object, at))
  if (standing.some((object) => isA(object, thing))) {
    return { yes: true, reason: `${printMention(thing, 'a')} stands at ${printPlace(at)}.` }
  }
  const other = standing[0]
  const reason = other === undefined ? `Nothing stands at ${printPlace(at)}.` : `There is ${describe(other)}.`
  return { yes: false, reason }
}

function answerUnchanged(thing: Mention, source: Sight, edited: Sight): Answer {
  const before = source.objects.filter((object) => isA(object, thing))
  if (before.length === 0) return { yes: false, reason: `There was no ${nounOf(thing)} in the source.` }
  const lost = before.find((object) => !isKept(object, edited))
  return lost === undefined
    ? { yes: true, reason: `${printMention(thing, 'the')} looks as before and stands where it stood.` }
    : { yes: false, reason: `Before, there was ${describe(lost)}; ${nowAt(lost, edited)}.` }
}

function answerOnlyChanged(things: readonly Mention[], source: Sight, edited: Sight): Answer {
  const changed = source.objects.filter((object) => !isKept(object, edited))
  const stillThere = things.find((thing) => !changed.some((object) => isA(object, thing)))
  if (stillThere !== undefined) return { yes: false, reason: `${printMention(stillThere, 'the')} has not changed.` }
  const other = changed.find((object) => !things.some((thing) => isA(object, thing)))
  if (other !== undefined) return { yes: false, reason: `${printMention(other, 'the')} has changed too.` }
  // What is new must stand where a changed thing stood, or be one that has moved.
  const stray = edited.objects.find(
    (object) =>
      !isKept(object, source) &&
      !changed.some((gone) => isSameCell(gone, object)) &&
      !things.some((thing) => thing.kind === object.kind),
  )
  return stray === undefined
    ? { yes: true, reason: 'All else looks as before.' }
    : { yes: false, reason: `New on the table: ${describe(stray)}.` }
}

/** Does the same thing stand at the same place in the other picture? */
function isKept(object: SeenObject, other: Sight): boolean {
  return other.objects.some(
    (o) => o.kind === object.kind && o.state === object.state && o.size === object.size && isSameCell(o, object),
  )
}

function isSameCell(a: SeenObject, b: SeenObject): boolean {
  return a.column === b.column && a.row === b.row
}

function isAt(object: SeenObject, at: Place): boolean {
  return (at.column === undefined || object.column === at.column) && (at.row === undefined || object.row === at.row)
}

function isA(object: SeenObject, thing: Mention): boolean {
  return object.kind === thing.kind && (thing.state === undefined || thing.state === (object.state ?? ORDINARY))
}

function nounOf(thing: Mention): string {
  return thing.state === undefined ? thing.kind : `${thing.state} ${thing.kind}`
}

function describe(object: SeenObject): string {
  return `${printMention(object, 'a')} at the ${object.row} ${COLUMN_NAMES[object.column]}`
}

function nowAt(before: SeenObject, edited: Sight): string {
  const now = edited.objects.find((object) => isSameCell(object, before))
  return now === undefined ? 'now the place is free' : `now there is ${describe(now)} (${now.size})`
}
