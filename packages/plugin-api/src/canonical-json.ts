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
  // Without a prototype, so that `__proto__` is a key like any other.
  const out = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(record).toSorted()) out[key] = sorted(record[key])
  return out
}
