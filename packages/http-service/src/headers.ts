/** What a page of ours may do: nothing but show what this server gives it. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** Of every answer. */
const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

const PAGE = Object.entries({ ...ALWAYS, 'content-security-policy': PAGE_POLICY })
const DATA = Object.entries({ ...ALWAYS, 'content-security-policy': DATA_POLICY })

/** The headers of an answer, name and value, where it has none of its own. @param contentType of the answer */
export function guardHeaders(contentType: string): readonly (readonly [name: string, value: string])[] {
  return contentType.startsWith('text/html') ? PAGE : DATA
}
