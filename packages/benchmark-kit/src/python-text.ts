// Official scripts are Python. Its regular expressions know digits, letters and white space of all scripts; JavaScript's do not.

/** Python's `\d`, for an expression with the flag `u`. */
export const PY_DIGIT = String.raw`\p{Nd}`

/** Python's `\s`, inside a character class. */
export const PY_SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`

/** Python's `\b` before and after a word character, for an expression with the flag `u`. */
export const PY_WORD_START = String.raw`(?<![\p{L}\p{N}_])`
export const PY_WORD_END = String.raw`(?![\p{L}\p{N}_])`

/** Python's `int()` of digits of whatever script. */
export function pyInt(digits: string): number {
  return Number(Array.from(digits, digitValue).join(''))
}

function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let start = code
  // Unicode keeps the ten digits of a script together; the mathematical ones follow each other in tens.
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1
  return (code - start) % 10
}

/** Python's `int(value)` of a value from JSON; undefined where it raises. */
export function pyIntOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : undefined
  if (typeof value !== 'string') return undefined
  const [, sign = '', digits] =
    new RegExp(`^[${PY_SPACE}]*([+-]?)(${PY_DIGIT}+(?:_${PY_DIGIT}+)*)[${PY_SPACE}]*$`, 'u').exec(value) ?? []
  return digits === undefined ? undefined : Number(`${sign}${pyInt(digits.replaceAll('_', ''))}`)
}
