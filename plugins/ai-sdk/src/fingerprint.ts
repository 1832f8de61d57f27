import { createHash } from 'node:crypto'
import type { ModelOptions } from './options.ts'

/** What every role's fingerprint holds of its model; names of secrets, never secrets. */
export function modelFingerprint(role: string, options: ModelOptions, rest: Readonly<Record<string, unknown>>): string {
  const { provider, model, method, create, options: made, providerOptions } = options
  const settings = JSON.stringify(sorted({ create, made, providerOptions, ...rest }))
  const hash = createHash('sha256').update(settings).digest('hex').slice(0, 12)
  return `ai-sdk-${role}/1 ${JSON.stringify({ provider, model, method, settings: hash })}`
}

/** Key order must not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]))
}
