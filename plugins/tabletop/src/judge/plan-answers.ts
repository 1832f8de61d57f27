import {
  type Clause,
  type Mention,
  type ParsedPlan,
  type Place,
  ORDINARY,
  printClause,
  printMention,
} from '@dda-thinker/tabletop-world'
import type { Answer } from './answer.ts'
import type { PlanQuestion } from './questions.ts'

/** Answers a question about a plan from its text alone. */
export function answerAboutPlan(question: PlanQuestion, plan: ParsedPlan): Answer {
  const clauses = plan.clauses.map(({ clause }) => clause)
  switch (question.ask) {
    case 'edit':
      return answerEdit(question.clause, clauses)
    case 'spares':
      return answerSpares(question.thing, clauses)
    case 'changes-only':
      return answerChangesOnly(question.things, clauses)
    case 'edit-count': {
      const unreadable = plan.unknown[0]
      if (unreadable !== undefined) return { yes: false, reason: `"${unreadable.text}" is no edit.` }
      const count = clauses.length
      return { yes: count === question.count, reason: `The plan makes ${count} edit${count === 1 ? '' : 's'}.` }
    }
    case 'adds-or-removes': {
      const found = clauses.find(({ op }) => op === 'add' || op === 'remove')
      return found === undefined
        ? { yes: false, reason: 'No edit adds or removes anything.' }
        : { yes: true, reason: `The plan says: ${printClause(found)}.` }
    }
    default:
      return clauses[0] === undefined
        ? { yes: true, reason: 'The plan has no edit.' }
        : { yes: false, reason: `The plan says: ${printClause(clauses[0])}.` }
  }
}

function answerEdit(asked: Clause, clauses: readonly Clause[]): Answer {
  const made = clauses.find((clause) => isSameEdit(asked, clause))
  if (made !== undefined) return { yes: true, reason: `The plan says: ${printClause(made)}.` }
  const about = clauses.find((clause) => mentionsOf(clause).some((m) => mentionsOf(asked).some((a) => matches(a, m))))
  return {
    yes: false,
    reason: about === undefined ? 'No edit of the plan does that.' : `The plan says instead: ${printClause(about)}.`,
  }
}

function answerSpares(thing: Mention, clauses: readonly Clause[]): Answer {
  const found = clauses.find((clause) => mentionsOf(clause).some((mention) => matches(thing, mention)))
  return found === undefined
    ? { yes: true, reason: `No edit names ${printMention(thing, 'the')}.` }
    : { yes: false, reason: `The plan says: ${printClause(found)}.` }
}

function answerChangesOnly(things: readonly Mention[], clauses: readonly Clause[]): Answer {
  const touched = clauses.flatMap(mentionsOf)
  const missed = things.find((thing) => !touched.some((mention) => matches(thing, mention)))
  if (missed !== undefined) return { yes: false, reason: `No edit names ${printMention(missed, 'the')}.` }
  const extra = touched.find((mention) => !things.some((thing) => matches(thing, mention)))
  return extra === undefined
    ? { yes: true, reason: 'The edits name these things and nothing else.' }
    : { yes: false, reason: `The plan also edits ${printMention(extra, 'the')}.` }
}

/** The things an edit is done to. What is added stands for itself. */
function mentionsOf(clause: Clause): readonly Mention[] {
  switch (clause.op) {
    case 'swap':
      return [clause.target, clause.other]
    case 'add':
      return [clause.thing]
    default:
      return [clause.target]
  }
}

/** Can both mean the same thing? Without a state a mention means the kind in any look. */
function matches(a: Mention, b: Mention): boolean {
  return a.kind === b.kind && (a.state === undefined || b.state === undefined || a.state === b.state)
}

/** Is what is put on the table the same? Here no state is the ordinary look. */
function sameResult(a: Mention, b: Mention): boolean {
  return a.kind === b.kind && (a.state ?? ORDINARY) === (b.state ?? ORDINARY)
}

function isSameEdit(asked: Clause, made: Clause): boolean {
  switch (asked.op) {
    case 'turn':
      return (
        (made.op === 'turn' && matches(asked.target, made.target) && asked.state === made.state) ||
        (made.op === 'replace' &&
          matches(asked.target, made.target) &&
          sameResult({ kind: asked.target.kind, state: asked.state }, made.by))
      )
    case 'replace':
      return made.op === 'replace' && matches(asked.target, made.target) && sameResult(asked.by, made.by)
    case 'remove':
      return made.op === 'remove' && matches(asked.target, made.target)
    case 'swap':
      return (
        made.op === 'swap' &&
        ((matches(asked.target, made.target) && matches(asked.other, made.other)) ||
          (matches(asked.target, made.other) && matches(asked.other, made.target)))
      )
    case 'move':
      return made.op === 'move' && matches(asked.target, made.target) && samePlace(asked.to, made.to, undefined)
    case 'add':
      return made.op === 'add' && sameResult(asked.thing, made.thing) && samePlace(asked.at, made.at, 'front')
    default:
      return made.op === 'resize' && matches(asked.target, made.target) && asked.size === made.size
  }
}

/** Rows default to the given one; where there is no default, a question without row accepts any. */
function samePlace(asked: Place, made: Place, row: Place['row'] | undefined): boolean {
  if (asked.column !== made.column) return false
  const wanted = asked.row ?? row
  return wanted === undefined || wanted === (made.row ?? row)
}
