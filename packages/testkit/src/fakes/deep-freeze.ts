/**
 * Freezes an object and all that it holds, so that a role which writes into its input throws. Typed arrays, which cannot
 * be frozen, and signals are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (ArrayBuffer.isView(value) || value instanceof AbortSignal) return value
  Object.freeze(value)
  for (const held of Object.values(value)) deepFreeze(held)
  return value
}
