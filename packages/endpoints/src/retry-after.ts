/** Names of the header, most exact first; LiteLLM passes that of the provider behind it on under a name of its own. */
const MILLISECONDS = ['retry-after-ms', 'llm_provider-retry-after-ms'] as const
const SECONDS = ['retry-after', 'llm_provider-retry-after'] as const

/**
 * How long a server asks to be left alone, in milliseconds: `retry-after-ms`, `Retry-After` (seconds or a date), their
 * LiteLLM forms, or a `retry_after` in the JSON body (seconds, as BFL sends it). Undefined where it says nothing usable.
 *
 * @param now milliseconds since 1970 by our own clock; a date is read by the server's (`Date`), where it tells it
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  body = '',
  now: number = Date.now(),
): number | undefined {
  for (const name of MILLISECONDS) {
    const ms = positive(headers[name])
    if (ms !== undefined) return ms
  }
  const served = Date.parse(headers['date'] ?? '')
  for (const name of SECONDS) {
    const header = headers[name]
    const seconds = positive(header)
    if (seconds !== undefined) return seconds * 1000
    const date = header === undefined ? Number.NaN : Date.parse(header)
    if (!Number.isNaN(date)) return Math.max(0, date - (Number.isNaN(served) ? now : served))
  }
  const hint = hintIn(body)
  return hint === undefined ? undefined : hint * 1000
}

/** By the place it has in the answer, never by a search: a body may repeat what it was sent. */
function hintIn(body: string): number | undefined {
  try {
    const answer = object(JSON.parse(body))
    const places = [answer, object(answer['error']), object(answer['detail'])]
    return places.map((place) => number(place['retry_after'])).find((value) => value !== undefined)
  } catch {
    return undefined
  }
}

function number(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 ? value : undefined
  return typeof value === 'string' ? positive(value) : undefined
}

function positive(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
