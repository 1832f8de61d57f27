/**
 * How long a server asks to be left alone, in milliseconds: `retry-after-ms`, `Retry-After` (seconds or a date), or a
 * `retry_after` in the JSON body (seconds, as BFL sends it). Undefined where it says nothing usable.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  body = '',
  now: number = Date.now(),
): number | undefined {
  const ms = positive(headers['retry-after-ms'])
  if (ms !== undefined) return ms
  const header = headers['retry-after']
  const seconds = positive(header)
  if (seconds !== undefined) return seconds * 1000
  const date = header === undefined ? Number.NaN : Date.parse(header)
  if (!Number.isNaN(date)) return Math.max(0, date - now)
  const hint = /"retry_after"\s*:\s*"?(\d+(?:\.\d+)?)/.exec(body)
  return hint === null ? undefined : Number(hint[1]) * 1000
}

function positive(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
