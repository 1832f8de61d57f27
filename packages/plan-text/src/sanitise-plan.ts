import { APPEALS, VERDICT_MARKUP } from './look-alikes.ts'
import { strip, stripReservedTokens, visible, type Stripped } from './reserved-tokens.ts'

/** Part of the fingerprint: raised whenever the same plan may come out differently. */
export const SANITISER_VERSION = 2

/** Characters looked at, as a multiple of the limit. */
const RAW_FACTOR = 4

const REMOVED = '[removed]'

/** `system:` at the start of a line opens another role in plain-text templates. */
const ROLE_LINES = [/^[ \t]*(?:system|assistant|user|human|developer|tool|judge|grader|evaluator)[ \t]*:[ \t]*/gim]
const MARKUP = [
  /<\/?[A-Za-z!?][^<>]{0,200}>/g,
  /```[\w-]*/g,
  /^[ \t]*#{1,6}[ \t]+/gm,
  /^[ \t]*([-=*_~])\1{3,}[ \t]*$/gm,
]

export interface SanitisedPlan {
  /** Free of angle brackets, so that no delimiter can be made of it; '' where nothing of substance is left. */
  readonly text: string
  /** What was taken out, by kind; kinds with nothing are absent. */
  readonly removed: Readonly<Partial<Record<'invisible' | 'reserved' | 'markup' | 'verdicts' | 'appeals', number>>>
  /** It was longer than the limit. */
  readonly cut: boolean
}

/**
 * A plan as data for a judge: one Unicode form, without reserved tokens, roles, markup, verdict look-alikes and appeals to
 * the judge, and no longer than `limit` characters. Reserved-sequence sanitisation is what helped most against
 * spoofed verdicts in "Escaped Markup"; that the judge reads the rest as data is the prompt's part.
 *
 * @param limit characters (UTF-16 code units) of sanitised text
 */
export function sanitisePlan(plan: string, limit: number): SanitisedPlan {
  // What is far beyond the limit is not even looked at: removal cannot bring it back within reach.
  const seen = visible(plan.slice(0, RAW_FACTOR * limit))
  const unreserved = stripReservedTokens(seen.text)
  const uncommented = withoutComments(unreserved.text)
  const unmarked = strip(uncommented.text, MARKUP)
  const unplayed = strip(unmarked.text, ROLE_LINES)
  const markup = uncommented.count + unmarked.count + unplayed.count
  const unjudged = strip(unplayed.text, VERDICT_MARKUP, ' ')
  const unasked = withoutAppeals(unjudged.text)
  const text = tidy(unasked.text)
  const removed = {
    invisible: seen.count,
    reserved: unreserved.count,
    markup,
    verdicts: unjudged.count,
    appeals: unasked.count,
  }
  return {
    text: /[\p{L}\p{N}]/u.test(text.replaceAll(REMOVED, '')) ? clip(text, limit) : '',
    removed: Object.fromEntries(Object.entries(removed).filter(([, count]) => count > 0)),
    cut: text.length > limit || plan.length > RAW_FACTOR * limit,
  }
}

/** Instructions and questions are not a policy's work: only what a template would act on is taken out of them. */
export function sanitiseText(text: string): string {
  return tidy(stripReservedTokens(visible(text).text).text)
}

/** Each search goes on where the last one ended; an expression would look for the end of every comment that has none. */
function withoutComments(text: string): Stripped {
  const kept: string[] = []
  let from = 0
  for (;;) {
    const open = text.indexOf('<!--', from)
    const close = open < 0 ? -1 : text.indexOf('-->', open + 4)
    if (close < 0) return { text: [...kept, text.slice(from)].join(''), count: kept.length }
    kept.push(text.slice(from, open))
    from = close + 3
  }
}

function withoutAppeals(text: string): Stripped {
  let count = 0
  const sentences = text.split(/(?<=[.!?;])\s+|(\n)/)
  const kept = sentences.map((sentence) => {
    if (sentence === undefined || !APPEALS.some((appeal) => appeal.test(sentence))) return sentence
    count += 1
    return REMOVED
  })
  // Without an appeal the text keeps its own spacing.
  if (count === 0) return { text, count }
  return {
    text: kept
      .filter((part) => part !== undefined)
      .join(' ')
      .replaceAll(' \n ', '\n'),
    count,
  }
}

function tidy(text: string): string {
  return text
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

/** Not in the middle of a surrogate pair. */
function clip(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '')
}
