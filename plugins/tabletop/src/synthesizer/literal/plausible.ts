import { KINDS, type Kind, ORDINARY, kindOf, statesOf } from '@dda-thinker/tabletop-world'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { NUMBERS, QUESTION_MARK, type Thing } from '../../rules/table.ts'

/** Kinds that a kind can turn into, whatever the cause: an egg into a chick or a fried egg. */
const BECOMES: ReadonlyMap<string, readonly string[]> = collect()

function collect(): ReadonlyMap<string, readonly string[]> {
  const becomes = new Map<string, Set<string>>()
  for (const { becomes: pairs = [] } of SUB_TASKS) {
    for (const [from, to] of pairs) becomes.set(from, (becomes.get(from) ?? new Set()).add(to))
  }
  becomes.set(QUESTION_MARK, new Set(NUMBERS))
  return new Map([...becomes].map(([kind, results]) => [kind, [...results]]))
}

/** What a thing can look like after a change: every other state its kind can be in. */
export function looksOf(thing: Thing): readonly string[] {
  const kind = kindOf(thing.kind)
  if (kind === undefined) return []
  const states = statesOf(kind).map((state) => state.name)
  return (thing.state === undefined ? states : [ORDINARY, ...states]).filter((name) => name !== thing.state)
}

/** What a thing can be replaced with; empty for most kinds. */
export function resultsOf(thing: Thing): readonly string[] {
  return BECOMES.get(thing.kind) ?? []
}

/** Pieces and ash: what is left of a broken or burnt thing. */
export function remainsOf(thing: Thing): string | undefined {
  const tags: Kind['tags'] = KINDS.find((kind) => kind.name === thing.kind)?.tags ?? []
  if (tags.includes('fragile')) return 'shards'
  return tags.includes('flammable') ? 'ash' : undefined
}
