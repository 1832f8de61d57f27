import type { Clause } from './clause.ts'
import { printMention, printPlace } from './words.ts'

/** The canonical wording of a clause; `parsePlan` reads it back to the same clause. */
export function printClause(clause: Clause): string {
  switch (clause.op) {
    case 'turn':
      return `turn ${printMention(clause.target, 'the')} ${clause.state}`
    case 'replace':
      return `replace ${printMention(clause.target, 'the')} with ${printMention(clause.by, 'a')}`
    case 'remove':
      return `remove ${printMention(clause.target, 'the')}`
    case 'swap':
      return `swap ${printMention(clause.target, 'the')} and ${printMention(clause.other, 'the')}`
    case 'move':
      return `move ${printMention(clause.target, 'the')} to ${printPlace(clause.to)}`
    case 'add':
      return `add ${printMention(clause.thing, 'a')} at ${printPlace(clause.at)}`
    case 'resize':
      return `make ${printMention(clause.target, 'the')} ${clause.size}`
    default:
      return clause satisfies never
  }
}

/** Clauses as a plan, separated by `; `. */
export function printPlan(clauses: readonly Clause[]): string {
  return clauses.map(printClause).join('; ')
}
