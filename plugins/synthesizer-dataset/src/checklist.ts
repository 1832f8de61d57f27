import type { ChecklistItem, Scope } from '@dda-thinker/plugin-api'
import { isRecord } from '@dda-thinker/data-files'
import { BadRow, REASONS, textOf } from './draft.ts'

/**
 * A checklist as rows write it: a list of items, or of questions (visual, to be answered yes), or an object with such lists for
 * `cognitive` and `visual`; as values, or as JSON text.
 *
 * @throws BadRow
 */
export function checklistOf(given: unknown): readonly ChecklistItem[] {
  const value = fromText(given)
  if (value === undefined || value === null) return []
  const items = Array.isArray(value)
    ? listOf(value, undefined)
    : isRecord(value)
      ? scopesOf(value)
      : bad(`it is ${typeof value}`)
  const ids = new Set<string>()
  for (const { id } of items) {
    if (ids.has(id)) bad(`two items have the id "${id}"`)
    ids.add(id)
  }
  return items
}

function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value.trim() === '') return undefined
  try {
    return JSON.parse(value)
  } catch {
    return bad('it is text, and not JSON')
  }
}

function scopesOf(value: Readonly<Record<string, unknown>>): ChecklistItem[] {
  return Object.entries(value).flatMap(([scope, list]) => {
    if (!isScope(scope)) return bad(`it has the key "${scope}"`)
    return Array.isArray(list) ? listOf(list, scope) : bad(`its ${scope} half is no list`)
  })
}

function listOf(list: readonly unknown[], scope: Scope | undefined): ChecklistItem[] {
  return list.map((one, index) => itemOf(one, scope, index + 1))
}

function itemOf(given: unknown, half: Scope | undefined, number: number): ChecklistItem {
  const item = typeof given === 'string' ? { question: given } : given
  if (!isRecord(item)) return bad(`item ${number} is ${typeof given}`)
  const scope = item['scope'] ?? half ?? 'visual'
  if (!isScope(scope)) return bad(`item ${number} has the scope ${JSON.stringify(scope)}`)
  const question = textOf(item['question']) ?? bad(`item ${number} has no question`)
  const expected =
    answerOf(item['expected'] ?? item['answer'] ?? 'yes') ?? bad(`item ${number} expects neither yes nor no`)
  const { weight, critical, aspect, check } = item
  if (weight !== undefined && weight !== null && !(typeof weight === 'number' && weight > 0)) {
    return bad(`item ${number} has the weight ${JSON.stringify(weight)}`)
  }
  if (aspect !== undefined && aspect !== 'change' && aspect !== 'preservation')
    return bad(`item ${number} has the aspect ${JSON.stringify(aspect)}`)
  return {
    id: textOf(item['id']) ?? `${scope}-${number}`,
    scope,
    question,
    expected,
    ...(typeof weight === 'number' ? { weight } : {}),
    ...(critical === true ? { critical } : {}),
    ...(aspect === undefined ? {} : { aspect }),
    ...(isRecord(check) && typeof check['kind'] === 'string'
      ? { check: check as NonNullable<ChecklistItem['check']> }
      : {}),
  }
}

function isScope(value: unknown): value is Scope {
  return value === 'cognitive' || value === 'visual'
}

function answerOf(value: unknown): 'yes' | 'no' | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const word = textOf(value)?.toLowerCase()
  return word === 'yes' || word === 'no' ? word : undefined
}

function bad(problem: string): never {
  throw new BadRow(REASONS.checklist, problem)
}
