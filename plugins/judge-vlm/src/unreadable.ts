import type { DdaError } from '@dda-thinker/plugin-api'
import type { Redactor } from '@dda-thinker/endpoints'
import type { ChatAnswer } from '@dda-thinker/endpoints/chat'
import { errors } from './errors.ts'
import type { JudgeOptions } from './options.ts'

/** Blanks at the end of a cut answer from which on they are what it was cut for. */
const BLANKS = 32

/** The error of answers that could not be read, with the start of the last one and the setting that is most likely to help. */
export function unreadable(
  last: ChatAnswer,
  problem: string,
  { options, redactor }: { readonly options: JudgeOptions; readonly redactor: Redactor },
): DdaError {
  const { answerAttempts, maxTokens } = options
  const said = redactor.excerpt(last.text, 120)
  const shown = said === '' ? '' : `. The last one: ${said}`
  const limit = maxTokens === undefined ? '' : ` (${maxTokens})`
  const holes = { attempts: answerAttempts, problem, shown, limit }
  return errors.make(keyOf(last, options), holes, { kind: 'bad-output' })
}

type Unparsable = keyof typeof errors.rows & `DDA_JUDGE_UNPARSABLE/${string}`

function keyOf({ text, cut }: ChatAnswer, { structured, answerAfter, score }: JudgeOptions): Unparsable {
  if (cut)
    return text.length - text.trimEnd().length >= BLANKS ? 'DDA_JUDGE_UNPARSABLE/blanks' : 'DDA_JUDGE_UNPARSABLE/cut'
  if (answerAfter === undefined && text.includes('</think>')) return 'DDA_JUDGE_UNPARSABLE/thinking'
  if (score === 'logprobs') return 'DDA_JUDGE_UNPARSABLE/logprobs'
  if (structured === 'guided_json') return 'DDA_JUDGE_UNPARSABLE/guided-json'
  return text.trimStart().startsWith('{') ? 'DDA_JUDGE_UNPARSABLE/other' : 'DDA_JUDGE_UNPARSABLE/no-schema'
}
