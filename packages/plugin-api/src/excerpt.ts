/** The beginning of a value in words, for errors; of whatever a plugin in plain JavaScript, or a file, may hold. */
export function excerpt(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 160)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
