import { type Kind, type Tag, kindsOf, KINDS } from '@dda-thinker/tabletop-world'
import { ORDINARY_KINDS } from './table.ts'

export function named(kind: Kind, ...names: readonly string[]): boolean {
  return names.includes(kind.name)
}

/** Ordinary kinds with none of the tags, less those named. */
export function lacking(tags: readonly Tag[], names: readonly string[] = []): readonly Kind[] {
  return ORDINARY_KINDS.filter((k) => !tags.some((tag) => k.tags.includes(tag)) && !names.includes(k.name))
}

/** Cut flowers, and the plant on the window sill. */
export const FLOWERING: readonly Kind[] = [...kindsOf('flower'), ...KINDS.filter((k) => named(k, 'house plant'))]
