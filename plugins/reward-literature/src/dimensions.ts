import type { AnsweredItem, AnsweredScope, ChecklistItem, Scope } from '@dda-thinker/plugin-api'

/** A part of the checklist that a rule scores on its own. */
export interface Dimension {
  readonly name: string
  /** Which items are its own, where no id names another one. */
  readonly has?: (item: ChecklistItem) => boolean
}

/** A dimension of one rollout. */
export interface DimensionScore {
  readonly items: readonly AnsweredItem[]
  /** Weight of its passed items over that of all, in [0, 1]; 0 where it was not asked. */
  readonly score: number
}

export type Scores = ReadonlyMap<string, DimensionScore>

export const isChange = (item: ChecklistItem): boolean => item.aspect !== 'preservation'
export const asks = (scope: Scope, change: boolean) => (item: ChecklistItem) => {
  return item.scope === scope && isChange(item) === change
}

/**
 * Sorts a checklist into dimensions. An item whose id is `<name>:…`, `<name>-…` or `<name>` belongs to the dimension of that name;
 * each other one to the first that has it, or to none. A dimension without items is not in the result.
 */
export function scoreDimensions(
  dimensions: readonly Dimension[],
  scopes: Readonly<Record<Scope, AnsweredScope>>,
): Scores {
  const sorted = new Map<string, AnsweredItem[]>()
  for (const answered of [...scopes.cognitive.items, ...scopes.visual.items]) {
    const [, prefix] = /^([a-z]+)(?:[:-]|$)/.exec(answered.item.id) ?? []
    const dimension =
      dimensions.find(({ name }) => name === prefix) ?? dimensions.find(({ has }) => has?.(answered.item) === true)
    if (dimension !== undefined) sorted.set(dimension.name, [...(sorted.get(dimension.name) ?? []), answered])
  }
  return new Map([...sorted].map(([name, items]) => [name, { items, score: passedShare(items) }]))
}

export function weightOf({ item }: AnsweredItem): number {
  return item.weight ?? 1
}

function passedShare(items: readonly AnsweredItem[]): number {
  const sum = (some: readonly AnsweredItem[]): number => some.reduce((total, one) => total + weightOf(one), 0)
  // All passed is exactly 1, whatever the weights round to.
  return items.every(({ passed }) => passed) ? 1 : sum(items.filter(({ passed }) => passed)) / sum(items)
}
