import { SCOPES, type ChecklistItem, type Scope } from '@dda-thinker/plugin-api'
import { isRecord } from '@dda-thinker/data-files'
import type { JsonObject } from './ask.ts'
import { textAt, type Reading } from './read-json.ts'
import { ITEM_REASONS, type ItemReason } from './reasons.ts'
import { contentOf, runsOf, similarity, wordsOf } from './text.ts'

/** An item as the model proposed it. */
export interface DraftItem {
  readonly scope: Scope
  readonly question: string
  readonly expected: 'yes' | 'no'
  readonly aspect: 'change' | 'preservation'
  readonly weight: number
  readonly critical: boolean
}

/** What became of a proposed item. */
export interface DroppedItem {
  readonly reason: ItemReason
  readonly question: string
}

export interface Proposal {
  readonly items: readonly DraftItem[]
  readonly dropped: readonly DroppedItem[]
}

/** Largest weight that is believed: a model that writes 100 means "the most". */
const MAX_WEIGHT = 3
/** A second question in one: more than one question mark, or a second verb after a conjunction. */
const COMPOUND =
  /\?[^]*\?|\b(and|or|but|as well as|while) (also )?(is|are|does|do|did|has|have|was|were|can|will|it|they|there|the \w+ (is|are|has|have))\b/i

/** Both lists of an answer, item by item; an answer with neither is read again. */
export function readProposal(object: JsonObject): Reading<Proposal> {
  const items: DraftItem[] = []
  const dropped: DroppedItem[] = []
  let lists = 0
  for (const scope of SCOPES) {
    const list = object[scope]
    if (!Array.isArray(list)) continue
    lists += 1
    for (const given of list) {
      const item = itemOf(given, scope)
      if (typeof item === 'string') dropped.push({ reason: ITEM_REASONS.malformed, question: item })
      else items.push(item)
    }
  }
  return lists < SCOPES.length ? { problem: 'it has not both lists' } : { value: { items, dropped } }
}

function itemOf(given: unknown, scope: Scope): DraftItem | string {
  if (!isRecord(given)) return JSON.stringify(given ?? null).slice(0, 200)
  const question = textAt(given, 'question')
  const expected = answerOf(given['expected'])
  if (question === undefined || expected === undefined || wordsOf(question).length < 2) {
    return JSON.stringify(given).slice(0, 200)
  }
  const { weight, critical, aspect } = given
  return {
    scope,
    question,
    expected,
    aspect: aspect === 'preservation' ? 'preservation' : 'change',
    weight: typeof weight === 'number' && weight > 0 ? Math.min(weight, MAX_WEIGHT) : 1,
    critical: critical === true,
  }
}

export function answerOf(value: unknown): 'yes' | 'no' | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return word === 'yes' || word === 'no' ? word : undefined
}

/** The checks that need no model: one fact an item, no duplicates, no words of the reference alone. */
export function checkWording(
  items: readonly DraftItem[],
  given: {
    readonly instruction: string
    readonly reference: string
    readonly leakWords: number
    readonly itemSimilarity: number
  },
): Proposal {
  const { instruction, reference, leakWords, itemSimilarity } = given
  const allowed = new Set(runsOf(wordsOf(instruction), leakWords))
  const leaks = new Set(runsOf(wordsOf(reference), leakWords).filter((run) => !allowed.has(run)))
  const kept: { readonly item: DraftItem; readonly content: ReadonlySet<string> }[] = []
  const dropped: DroppedItem[] = []
  for (const item of items) {
    const content = contentOf(item.question)
    const { question } = item
    if (COMPOUND.test(question)) dropped.push({ reason: ITEM_REASONS.compound, question })
    else if (runsOf(wordsOf(question), leakWords).some((run) => leaks.has(run))) {
      dropped.push({ reason: ITEM_REASONS.leaking, question })
    } else if (
      kept.some((other) => other.item.scope === item.scope && similarity(other.content, content) >= itemSimilarity)
    ) {
      dropped.push({ reason: ITEM_REASONS.repeated, question })
    } else kept.push({ item, content })
  }
  return { items: kept.map(({ item }) => item), dropped }
}

/** At most so many of a scope, critical and heavy ones first, in the order in which they were proposed. */
export function limitItems(items: readonly DraftItem[], limit: number): Proposal {
  const places = items.map((item, place) => ({ item, place }))
  const best = SCOPES.flatMap((scope) =>
    places
      .filter(({ item }) => item.scope === scope)
      .toSorted((a, b) => Number(b.item.critical) - Number(a.item.critical) || b.item.weight - a.item.weight)
      .slice(0, limit),
  )
  const kept = new Set(best.map(({ place }) => place))
  return {
    items: items.filter((_, place) => kept.has(place)),
    dropped: items
      .filter((_, place) => !kept.has(place))
      .map(({ question }) => ({ reason: ITEM_REASONS.tooMany, question })),
  }
}

/** The checklist as a sample carries it. */
export function checklistOf(items: readonly DraftItem[]): readonly ChecklistItem[] {
  const counts: Record<Scope, number> = { cognitive: 0, visual: 0 }
  return SCOPES.flatMap((scope) => items.filter((item) => item.scope === scope)).map(
    ({ scope, question, expected, aspect, weight, critical }) => {
      counts[scope] += 1
      return {
        id: `${scope}-${counts[scope]}`,
        scope,
        question,
        expected,
        weight,
        ...(critical ? { critical } : {}),
        aspect,
      }
    },
  )
}
