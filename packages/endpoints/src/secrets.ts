import { inspect } from 'node:util'
import { callErrors } from './errors.ts'

const HIDDEN = '[redacted]'

/**
 * A key that cannot be printed by accident: strings, JSON and inspection show `[redacted]`. Keys come from environment
 * variables only, so that no config file, journal or report can hold one.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /**
   * @param name environment variable; absent: no key is used.
   * @param form what a value may look like. Default: printable ASCII without blanks.
   * @throws DdaError `DDA_ENDPOINT_KEY_MISSING` where the variable is unset or empty or cannot be sent in a header.
   */
  static fromEnv(
    name: string | undefined,
    env: NodeJS.ProcessEnv = process.env,
    form: RegExp = /^[\x21-\x7e]+$/,
  ): Secret | undefined {
    if (name === undefined) return undefined
    const value = env[name]?.trim() ?? ''
    const problem = value === '' ? 'is not set' : form.test(value) ? undefined : 'holds no usable key'
    if (problem === undefined) return new Secret(value)
    throw callErrors.make('DDA_ENDPOINT_KEY_MISSING', { name, problem }, { kind: 'unavailable' })
  }

  /** The key itself, for the header that needs it and for nothing else. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/** Forms in which credentials appear in texts of others, whoever they belong to. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\b(sk|pk|rk|hf|gsk|r8|AIza)[-_]?[A-Za-z0-9_-]{16,}/g, HIDDEN],
  [/(\/\/)[^\s/@"']+@/g, `$1${HIDDEN}@`],
  [/([?&](?:api[-_]?key|key|token|access_token|sig|signature|x-amz-[a-z-]+)=)[^&\s"'#]+/gi, `$1${HIDDEN}`],
]

/** Takes the given secrets, in every encoding they travel in, and whatever looks like a credential out of texts. */
export class Redactor {
  readonly #forms: readonly string[]

  constructor(secrets: readonly (Secret | undefined)[] = []) {
    const forms = secrets.flatMap((secret) => (secret === undefined ? [] : formsOf(secret.reveal())))
    // Longest first: a short form may be part of a longer one.
    this.#forms = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  }

  redact(text: string): string {
    let clean = text
    for (const form of this.#forms) clean = clean.replaceAll(form, HIDDEN)
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
    return clean
  }

  /** The start of a foreign text on one line, for a message: redacted first, cut afterwards. */
  excerpt(text: string, limit = 300): string {
    // Control characters in a server's text could rewrite a terminal.
    const tidy = this.redact(text)
      .replaceAll(/[\p{Cc}\s]+/gu, ' ')
      .trim()
    return tidy.length > limit ? `${tidy.slice(0, limit)}…` : tidy
  }
}

function formsOf(key: string): readonly string[] {
  const json = JSON.stringify(key).slice(1, -1)
  return [key, json, encodeURIComponent(key), Buffer.from(key).toString('base64'), Buffer.from(key).toString('hex')]
}
