import { type Kind, type Tag, KINDS } from './catalogue.ts'

/** A visible condition of a thing; an adjective in plans. */
export interface State {
  readonly name: string
  /** It may befall kinds with at least one of these tags. */
  readonly tags: readonly Tag[]
}

/** The word for having no state, in `turn the rusty hammer ordinary`. */
export const ORDINARY = 'ordinary'

/** Every state, in a fixed order. Their looks are in `state-looks.ts`. */
export const STATES: readonly State[] = [
  { name: 'rotten', tags: ['perishable'] },
  { name: 'wilted', tags: ['plant'] },
  { name: 'wet', tags: ['paper', 'cloth'] },
  { name: 'burnt', tags: ['flammable'] },
  { name: 'frozen', tags: ['perishable', 'liquid'] },
  { name: 'cracked', tags: ['fragile'] },
  { name: 'rusty', tags: ['metal'] },
  { name: 'dusty', tags: ['lasting'] },
  { name: 'melted', tags: ['meltable'] },
]

const BY_NAME: ReadonlyMap<string, State> = new Map(STATES.map((state) => [state.name, state]))

/** The state of that exact name, or `undefined`. */
export function stateOf(name: string): State | undefined {
  return BY_NAME.get(name)
}

/** Can a thing of this kind be in this state? */
export function canBe(kind: Kind, state: State): boolean {
  return state.tags.some((tag) => kind.tags.includes(tag))
}

/** The states a kind can be in, in the order of {@link STATES}. */
export function statesOf(kind: Kind): readonly State[] {
  return STATES.filter((state) => canBe(kind, state))
}

/** The kinds that can be in a state, in catalogue order. */
export function kindsThatCanBe(state: State): readonly Kind[] {
  return KINDS.filter((kind) => canBe(kind, state))
}
