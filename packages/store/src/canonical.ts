import { createHash, hash } from 'node:crypto'

/**
 * JSON with sorted keys and no white space: equal values give equal text (RFC 8785 for the values that occur here).
 * Absent and `undefined` keys are the same; NaN and infinities are refused because JSON cannot tell them apart.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const record = value as Readonly<Record<string, unknown>>
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(record).toSorted()) out[key] = sorted(record[key])
  return out
}

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
  for (const key of Object.keys(sorted(Object.fromEntries(Object.keys(value).map((name) => [name, 0]))) as object)) {
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
