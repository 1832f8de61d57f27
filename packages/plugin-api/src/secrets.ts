import { createHash } from 'node:crypto'

/** Shorter values stand in other words too often to be told apart; so do plain words and short numbers. */
const SHORTEST = 4
/** From here on a value is replaced wherever it stands, a shorter one only between characters that belong to no word. */
const ANYWHERE = 8
/** A longer word is no name of a setting. */
const LONGEST_WORD = 12

interface Secret {
  /** As the value stands in a text. */
  readonly form: string
  /** What is written in its place: how the configuration names it. */
  readonly written: string
  readonly pattern: RegExp
  /** A setting by its looks, which data may hold as well. */
  readonly ordinary: boolean
}

/** One list for every copy of this module in the process. */
const SECRETS: Secret[] = ((globalThis as Record<symbol, unknown>)[Symbol.for('dda-thinker:secrets')] ??=
  []) as Secret[]

/**
 * From now on {@link redact} writes `${env:NAME}` in the place of this value of an environment variable, in each encoding that it
 * travels in, and in that of the credentials in it where it is a URL. Values of fewer than 4 characters are not kept.
 */
export function keepSecret(name: string, value: string): void {
  const written = `\${env:${name}}`
  for (const form of formsOf(value)) {
    // What names another is left alone, so that a text which is clean stays as it is.
    if (form.length < SHORTEST || written.includes(form)) continue
    if (SECRETS.some((known) => known.form === form || known.written.includes(form))) continue
    const escaped = form.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
    const pattern =
      form.length < ANYWHERE
        ? new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'gu')
        : new RegExp(escaped, 'gu')
    SECRETS.push({ form, written, pattern, ordinary: isOrdinary(form) })
  }
  // A longer one may hold a shorter one.
  SECRETS.sort((a, b) => b.form.length - a.form.length)
}

/**
 * The text with every kept value as the configuration names it; JSON stays JSON. For whatever is written to a file or shown. Plain
 * words of fewer than 12 letters and numbers of fewer than 8 characters stay: data holds them too.
 */
export function redact(text: string): string {
  if (!SECRETS.some(({ form, ordinary }) => !ordinary && text.includes(form))) return text
  return inJson(text) ?? clean(text)
}

/** The text with every kept value as its hash: for fingerprints, which must differ where values differ. */
export function hashSecrets(text: string): string {
  let out = text
  for (const { form, pattern } of SECRETS) {
    if (out.includes(form))
      out = put(out, pattern, `sha256:${createHash('sha256').update(form).digest('hex').slice(0, 16)}`)
  }
  return out
}

function clean(text: string): string {
  let out = text
  for (const { form, pattern, written, ordinary } of SECRETS) {
    if (!ordinary && out.includes(form)) out = put(out, pattern, written)
  }
  return out
}

function put(text: string, pattern: RegExp, replacement: string): string {
  return text.replaceAll(pattern, () => replacement)
}

/** Strings and names of a JSON text, cleaned; undefined where it is no JSON. Numbers stay: a digit more breaks the file. */
function inJson(text: string): string | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined
  try {
    const indent = /^[[{]\n( +)/.exec(text)?.[1]
    const end = text.endsWith('\n') ? '\n' : ''
    return JSON.stringify(cleaned(JSON.parse(text)), undefined, indent) + end
  } catch {
    return undefined
  }
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleaned(item)]))
}

function isOrdinary(form: string): boolean {
  return (form.length < LONGEST_WORD && /^[a-z]+$/i.test(form)) || (form.length < ANYWHERE && /^[\d+.e-]+$/i.test(form))
}

function formsOf(value: string): Set<string> {
  const whole = value.trim()
  const long = whole.split('\n').map((line) => line.trim())
  const parts = [value, whole, ...long, ...partsOfUrl(whole)]
  return new Set(
    parts.flatMap((part) => [
      part,
      JSON.stringify(part).slice(1, -1),
      encodeURIComponent(part),
      encodeURI(part),
      inMarkup(part),
      ...(part.length < ANYWHERE ? [] : [Buffer.from(part).toString('base64'), Buffer.from(part).toString('hex')]),
    ]),
  )
}

function inMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** What of a URL may be written on its own. Where this machine itself is meant, that is no secret. */
function partsOfUrl(value: string): readonly string[] {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(value) || !URL.canParse(value)) return []
  const url = new URL(value)
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  const path = url.pathname.split('/').filter((part) => part.length >= 2 * ANYWHERE)
  return [
    url.href,
    url.href.replace(/\/+$/, ''),
    value.replace(/\/+$/, ''),
    ...(local ? [] : [url.host]),
    decodeURIComponent(url.password),
    url.password,
    ...path,
    ...url.searchParams.values(),
  ]
}
