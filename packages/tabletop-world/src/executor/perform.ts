import type { Clause, Mention, Place } from '../language/clause.ts'
import type { Match } from '../sight/match.ts'
import { kindOf } from '../world/catalogue.ts'
import { COLUMNS, ROWS } from '../world/scene.ts'
import { ORDINARY, canBe, stateOf } from '../world/states.ts'
import { type Desk, type Point, centreOfMatch } from './desk.ts'

/** Does one clause. @returns why it could not be done, or `undefined` where it was */
export function perform(desk: Desk, clause: Clause, random: () => number): string | undefined {
  switch (clause.op) {
    case 'turn':
      return onThing(desk, clause.target, (thing) => {
        const { kind, size } = thing.template
        return redraw(desk, thing, { kind, state: clause.state }, size, random)
      })
    case 'replace':
      return onThing(desk, clause.target, (thing) => redraw(desk, thing, clause.by, thing.template.size, random))
    case 'resize':
      return onThing(desk, clause.target, (thing) => redraw(desk, thing, thing.template, clause.size, random))
    case 'remove':
      return onThing(desk, clause.target, (thing) => {
        desk.lift(thing)
        return undefined
      })
    case 'move':
      return onThing(desk, clause.target, (thing) => {
        const to = { ...centreOfMatch(thing), ...pointOf(clause.to) }
        desk.drop(thing, desk.lift(thing), to, random)
        return undefined
      })
    case 'swap':
      return onThing(desk, clause.target, (thing) =>
        onThing(desk, clause.other, (other) => swap(desk, thing, other, random)),
      )
    case 'add': {
      const problem = misfit(clause.thing)
      if (problem !== undefined) return problem
      const { x, y = ROWS.front } = pointOf(clause.at)
      if (x === undefined) return 'it does not say how far left or right.'
      desk.draw(clause.thing.kind, plain(clause.thing.state), 'medium', { x, y }, random)
      return undefined
    }
    default:
      return clause satisfies never
  }
}

function onThing(desk: Desk, mention: Mention, act: (thing: Match) => string | undefined): string | undefined {
  const thing = desk.find(mention)
  return typeof thing === 'string' ? thing : act(thing)
}

function redraw(
  desk: Desk,
  thing: Match,
  look: Mention,
  size: Match['template']['size'],
  random: () => number,
): string | undefined {
  const problem = misfit(look)
  if (problem !== undefined) return problem
  const centre = centreOfMatch(thing)
  desk.lift(thing)
  desk.draw(look.kind, plain(look.state), size, centre, random)
  return undefined
}

function swap(desk: Desk, thing: Match, other: Match, random: () => number): string | undefined {
  if (thing === other) return 'both names mean the same thing.'
  const pixels = desk.lift(thing)
  const otherPixels = desk.lift(other)
  desk.drop(thing, pixels, centreOfMatch(other), random)
  desk.drop(other, otherPixels, centreOfMatch(thing), random)
  return undefined
}

/** What keeps a kind from a state, if anything. */
function misfit({ kind, state }: Mention): string | undefined {
  if (state === undefined || state === ORDINARY) return undefined
  const known = kindOf(kind)
  const wanted = stateOf(state)
  return known !== undefined && wanted !== undefined && canBe(known, wanted)
    ? undefined
    : `there is no drawing of a ${state} ${kind}.`
}

function plain(state: string | undefined): string | undefined {
  return state === ORDINARY ? undefined : state
}

function pointOf({ column, row }: Place): Partial<Point> {
  return {
    ...(column === undefined ? {} : { x: COLUMNS[column] }),
    ...(row === undefined ? {} : { y: ROWS[row] }),
  }
}
