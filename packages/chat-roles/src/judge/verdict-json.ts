import { withoutFence } from '@dda-thinker/endpoints/chat'
import { completeList, type Verdict } from '@dda-thinker/plugin-api'

export interface Answer {
  readonly answer: Verdict['answer']
  readonly reason?: string
  /** Probability of yes. */
  readonly probability?: number
}

export type Parsed = { readonly answers: readonly Answer[] } | { readonly problem: string }

const ANSWERS = completeList<Verdict['answer']>({ yes: true, no: true, unsure: true })

/** Characters of a reason that are kept. */
export const REASON_LIMIT = 500

/**
 * The schema of an answer to `count` questions: an object with one key a question, so that a grammar leaves no way to skip
 * or repeat one; flat inside, the reason before the answer that it is to lead to.
 *
 * @param reasonLimit characters of a reason: a weak model would go on until its token limit
 */
export function verdictSchema(count: number, reasons: boolean, reasonLimit?: number): object {
  const reason = { type: 'string', ...(reasonLimit === undefined ? {} : { maxLength: reasonLimit }) }
  const verdict = {
    type: 'object',
    properties: { ...(reasons ? { reason } : {}), answer: { type: 'string', enum: ANSWERS } },
    required: reasons ? ['reason', 'answer'] : ['answer'],
    additionalProperties: false,
  }
  const keys = Array.from({ length: count }, (_, i) => String(i + 1))
  return {
    type: 'object',
    properties: Object.fromEntries(keys.map((key) => [key, verdict])),
    required: keys,
    additionalProperties: false,
  }
}

/**
 * Reads an answer strictly: it is the JSON object and nothing else (one code fence around it is taken off), with exactly
 * the keys 1 to `count` and an answer in each. Free text is never searched for a yes or a no.
 */
export function parseVerdicts(text: string, count: number): Parsed {
  let value: unknown
  try {
    value = JSON.parse(withoutFence(text))
  } catch {
    return { problem: text.trim() === '' ? 'it is empty' : 'it is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'it is no JSON object' }
  const given = new Map<string, unknown>(Object.entries(value))
  const answers: Answer[] = []
  for (let number = 1; number <= count; number++) {
    const key = String(number)
    const answer = answerOf(given.get(key))
    if (answer === undefined) return { problem: `it has no yes, no or unsure for question ${key}` }
    given.delete(key)
    answers.push(answer)
  }
  const [stray] = given.keys()
  return stray === undefined ? { answers } : { problem: `it answers "${stray.slice(0, 40)}", which was not asked` }
}

function answerOf(value: unknown): Answer | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { answer, reason } = value as { answer?: unknown; reason?: unknown }
  const said = typeof answer === 'string' ? answer.trim().toLowerCase() : ''
  const known = ANSWERS.find((one) => one === said)
  if (known === undefined) return undefined
  return typeof reason === 'string' && reason !== ''
    ? { answer: known, reason: reason.slice(0, REASON_LIMIT) }
    : { answer: known }
}
