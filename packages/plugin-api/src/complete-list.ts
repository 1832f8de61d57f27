/**
 * Every member of a union of strings as a list. The compiler refuses one that lacks a member or names another, so that a
 * list cannot fall behind its type.
 *
 * @example
 * export const SCOPES = completeList<Scope>({ cognitive: true, visual: true })
 *
 * @returns the keys in the order in which they are written
 */
export function completeList<T extends string>(members: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(members) as T[]
}
