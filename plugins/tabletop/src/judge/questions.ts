import {
  type Clause,
  type Mention,
  type Place,
  type Size,
  SIZES,
  parsePlan,
  printClause,
  printMention,
  printPlace,
  readMention,
  readPlace,
} from '@dda-thinker/tabletop-world'

/** What can be asked of a plan. */
export type PlanQuestion =
  /** Does the plan make this edit? Order and detours do not matter, extra edits are another question. */
  | { readonly ask: 'edit'; readonly clause: Clause }
  /** Does no edit of the plan name the thing? */
  | { readonly ask: 'spares'; readonly thing: Mention }
  /** Are the things named by the plan's edits these, all of them and no others? */
  | { readonly ask: 'changes-only'; readonly things: readonly Mention[] }
  /** Has the plan so many edits, and nothing in it that is none? */
  | { readonly ask: 'edit-count'; readonly count: number }
  | { readonly ask: 'adds-or-removes' }
  | { readonly ask: 'does-nothing' }

/** What can be asked of the edited picture, with the source beside it. A mention without state means any look. */
export type PictureQuestion =
  | { readonly ask: 'there'; readonly thing: Mention; readonly at: Place }
  | { readonly ask: 'visible'; readonly thing: Mention }
  | { readonly ask: 'unchanged'; readonly thing: Mention }
  | { readonly ask: 'only-changed'; readonly things: readonly Mention[] }
  | { readonly ask: 'all-kept' }
  | { readonly ask: 'free'; readonly at: Place }
  | { readonly ask: 'thing-count'; readonly count: number }
  | { readonly ask: 'size'; readonly thing: Mention; readonly size: Size }
  | { readonly ask: 'same' }

const COUNTS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** The question in controlled English. {@link parsePlanQuestion} and {@link parsePictureQuestion} read it back. */
export function printQuestion(question: PlanQuestion | PictureQuestion): string {
  switch (question.ask) {
    case 'edit':
      return `Does the plan ${printClause(question.clause)}?`
    case 'spares':
      return `Does the plan leave ${the(question.thing)} alone?`
    case 'changes-only':
      return `Does the plan change only ${list(question.things)}?`
    case 'edit-count':
      return `Does the plan make exactly ${countWord(question.count)} ${question.count === 1 ? 'edit' : 'edits'}?`
    case 'adds-or-removes':
      return 'Does the plan add or remove anything?'
    case 'does-nothing':
      return 'Does the plan leave the table as it is?'
    case 'there':
      return `Is there ${printMention(question.thing, 'a')} at ${printPlace(question.at)}?`
    case 'visible':
      return `Is ${printMention(question.thing, 'a')} still visible?`
    case 'unchanged':
      return `Is ${the(question.thing)} unchanged and in its place?`
    case 'only-changed':
      return `Did only ${list(question.things)} change?`
    case 'all-kept':
      return 'Is everything that stood on the table unchanged and in its place?'
    case 'free':
      return `Is ${printPlace(question.at)} free?`
    case 'thing-count':
      return `Are there exactly ${countWord(question.count)} things on the table?`
    case 'size':
      return `Is ${the(question.thing)} ${question.size}?`
    default:
      return 'Is everything on the table the same as before?'
  }
}

type Reader<Q> = readonly [pattern: RegExp, read: (first: string, second: string) => Q | undefined]

const PLAN_QUESTIONS: readonly Reader<PlanQuestion>[] = [
  [/^does the plan leave the table as it is$/, () => ({ ask: 'does-nothing' })],
  [/^does the plan add or remove anything$/, () => ({ ask: 'adds-or-removes' })],
  [/^does the plan leave (.+) alone$/, (text) => withThing(text, (thing) => ({ ask: 'spares', thing }))],
  [/^does the plan change only (.+)$/, (text) => withList(text, (things) => ({ ask: 'changes-only', things }))],
  [/^does the plan make exactly (\w+) edits?$/, (word) => withCount(word, (count) => ({ ask: 'edit-count', count }))],
  [/^does the plan (.+)$/, readEdit],
]

const PICTURE_QUESTIONS: readonly Reader<PictureQuestion>[] = [
  [/^is everything that stood on the table unchanged and in its place$/, () => ({ ask: 'all-kept' })],
  [/^is everything on the table the same as before$/, () => ({ ask: 'same' })],
  [/^is there (.+) at (.+)$/, readThere],
  [/^is (.+) still visible$/, (text) => withThing(text, (thing) => ({ ask: 'visible', thing }))],
  [/^is (.+) unchanged and in its place$/, (text) => withThing(text, (thing) => ({ ask: 'unchanged', thing }))],
  [/^did only (.+) change$/, (text) => withList(text, (things) => ({ ask: 'only-changed', things }))],
  [
    /^are there exactly (\w+) things on the table$/,
    (word) => withCount(word, (count) => ({ ask: 'thing-count', count })),
  ],
  [/^is (.+) free$/, readFree],
  [/^is (.+) (\w+)$/, readSize],
]

/** Reads a question about a plan; `undefined` where it is not one of the controlled English. */
export function parsePlanQuestion(text: string): PlanQuestion | undefined {
  return parseWith(PLAN_QUESTIONS, text)
}

/** Reads a question about a picture; `undefined` where it is not one of the controlled English. */
export function parsePictureQuestion(text: string): PictureQuestion | undefined {
  return parseWith(PICTURE_QUESTIONS, text)
}

function parseWith<Q>(readers: readonly Reader<Q>[], text: string): Q | undefined {
  const line = text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/\?\s*$/, '')
    .trim()
  for (const [pattern, read] of readers) {
    const match = pattern.exec(line)
    if (match !== null) return read(match[1] ?? '', match[2] ?? '')
  }
  return undefined
}

function readEdit(text: string): PlanQuestion | undefined {
  const { clauses, unknown } = parsePlan(text)
  const clause = clauses.length === 1 && unknown.length === 0 ? clauses[0]?.clause : undefined
  return clause && { ask: 'edit', clause }
}

function readThere(what: string, where: string): PictureQuestion | undefined {
  const thing = readMention(what)
  const at = readPlace(where)
  return thing && at && { ask: 'there', thing, at }
}

function readFree(where: string): PictureQuestion | undefined {
  const at = readPlace(where)
  return at && { ask: 'free', at }
}

function readSize(what: string, word: string): PictureQuestion | undefined {
  const thing = readMention(what)
  return thing && word in SIZES ? { ask: 'size', thing, size: word as Size } : undefined
}

function withThing<Q>(text: string, make: (thing: Mention) => Q): Q | undefined {
  const thing = readMention(text)
  return thing && make(thing)
}

function withCount<Q>(word: string, make: (count: number) => Q): Q | undefined {
  const count = COUNTS.indexOf(word)
  return count < 0 ? undefined : make(count)
}

function withList<Q>(text: string, make: (things: readonly Mention[]) => Q): Q | undefined {
  const things: Mention[] = []
  for (const part of text.split(/, | and /)) {
    const thing = readMention(part)
    if (thing === undefined) return undefined
    things.push(thing)
  }
  return make(things)
}

function the(thing: Mention): string {
  return printMention(thing, 'the')
}

function list(things: readonly Mention[]): string {
  const words = things.map(the)
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function countWord(count: number): string {
  const word = COUNTS[count]
  if (word === undefined) throw new RangeError(`no word for ${count} things`)
  return word
}
