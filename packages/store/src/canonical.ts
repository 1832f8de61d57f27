import { createHash, hash } from 'node:crypto'
import { canonicalJson } from '@dda-thinker/plugin-api'

/**
 * {@link sha256} of {@link canonicalJson}. Iterables count as arrays of what they give and are gone through one by one, so that nothing long
 * needs to be in memory.
 */
export function canonicalHash(value: unknown): string {
  const hash = createHash('sha256')
  for (const piece of pieces(value)) hash.update(piece)
  return hash.digest('hex')
}

function* pieces(value: unknown): Generator<string, void, void> {
  if (typeof value !== 'object' || value === null) {
    yield canonicalJson(value) ?? 'null'
    return
  }
  let separator = ''
  if (Symbol.iterator in value) {
    yield '['
    for (const element of value as Iterable<unknown>) {
      yield separator
      yield* pieces(element)
      separator = ','
    }
    yield ']'
    return
  }
  yield '{'
  // In the order of canonicalJson, where keys that look like integers come first.
  const names = canonicalJson(Object.fromEntries(Object.keys(value).map((name) => [name, 0])))
  for (const key of Object.keys(JSON.parse(names) as object)) {
    const of = (value as Readonly<Record<string, unknown>>)[key]
    if (of === undefined) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* pieces(of)
    separator = ','
  }
  yield '}'
}

/** Lower-case hex SHA-256. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data)
}
