import { PY_DIGIT, PY_SPACE, pyInt } from './python-text.ts'

/** What a parser made of an answer: the numbers in it, or why there are none. */
export type Reading = { readonly numbers: readonly number[] } | { readonly why: string }

const STATEMENTS = ['Final Score', 'Final Scores'].map(
  (words) => new RegExp(String.raw`\*?\*?${words}\*?\*?:?[${PY_SPACE}]*([${PY_DIGIT}*${PY_SPACE},]*)`, 'giu'),
)
const NUMBER = new RegExp(`${PY_DIGIT}+`, 'gu')

/**
 * Reads `Final Score: 4` as RISE-Bench's `extract` does (RISEBench 5f22651, gpt_eval.py; UniREditBench has the same): the
 * numbers of the first statement that has any, whatever their range; a fraction's first number; nothing where anything but
 * white space and asterisks stands between the words and the digits.
 */
export function officialFinalScore(answer: string): Reading {
  for (const statement of STATEMENTS) {
    for (const [, captured = ''] of answer.matchAll(statement)) {
      const numbers = Array.from(captured.matchAll(NUMBER), ([digits]) => pyInt(digits))
      if (numbers.length > 0) return { numbers }
    }
  }
  return { why: 'no number after "Final Score"' }
}

const STATED = new RegExp(
  String.raw`Final Scores?[*${PY_SPACE}]*(?::[*${PY_SPACE}]*)?(?<value>${PY_DIGIT}+)(?=(?<rest>[^\n]{0,24}))`,
  'giu',
)

/**
 * The official reading, refused where the answer does not say that: several numbers, two statements that differ, a decimal, a
 * range, a fraction of another whole, a number outside the scale. Reads nothing that the official parser does not.
 *
 * @param scale lowest and highest score, both allowed
 */
export function strictFinalScore(answer: string, scale: readonly [number, number]): Reading {
  const official = officialFinalScore(answer)
  if ('why' in official) return official
  const [value, second] = official.numbers
  if (value === undefined || second !== undefined) return { why: `several numbers: ${official.numbers.join(', ')}` }
  const [lowest, highest] = scale
  if (value < lowest || value > highest) return { why: `${value} is outside ${lowest} to ${highest}` }
  for (const { groups = {} } of answer.matchAll(STATED)) {
    const stated = pyInt(groups['value'] ?? '')
    if (stated !== value) return { why: `two scores: ${value} and ${stated}` }
    const why = doubt(groups['rest'] ?? '', highest)
    if (why !== undefined) return { why: `${value}${(groups['rest'] ?? '').trimEnd()}: ${why}` }
  }
  return { numbers: [value] }
}

/** Why what follows the digits makes another number of them. */
function doubt(rest: string, highest: number): string | undefined {
  if (/^[.,]\p{Nd}/u.test(rest)) return 'a decimal'
  if (/^[*\s]*(?:[-–—~]|to\b|or\b)\s*[*\s]*\p{Nd}/iu.test(rest)) return 'a range'
  const whole = /^[*\s]*(?:\/|out of\b)[*\s]*(\p{Nd}+)/iu.exec(rest)?.[1]
  if (whole !== undefined && pyInt(whole) !== highest) return `a fraction of ${whole}`
  if (/^\s*%/u.test(rest)) return 'a percentage'
  return undefined
}
