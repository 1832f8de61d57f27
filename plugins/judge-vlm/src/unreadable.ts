import { DdaError } from '@dda-thinker/plugin-api'
import type { Redactor } from '@dda-thinker/endpoints'
import type { ChatAnswer } from '@dda-thinker/endpoints/chat'
import type { JudgeOptions } from './options.ts'

/** Blanks at the end of a cut answer from which on they are what it was cut for. */
const BLANKS = 32

/** The error of answers that could not be read, with the start of the last one and the setting that is most likely to help. */
export function unreadable(
  last: ChatAnswer,
  problem: string,
  { options, redactor }: { readonly options: JudgeOptions; readonly redactor: Redactor },
): DdaError {
  const { answerAttempts } = options
  const said = redactor.excerpt(last.text, 120)
  const shown = said === '' ? '' : `. The last one: ${said}`
  const message = `${answerAttempts} answers of the judge could not be read: ${problem}${shown}`
  return new DdaError('DDA_JUDGE_UNPARSABLE', message, { kind: 'bad-output', next: nextOf(last, options) })
}

function nextOf({ text, cut }: ChatAnswer, { maxTokens, structured, answerAfter, score }: JudgeOptions): string {
  if (cut && text.length - text.trimEnd().length >= BLANKS) {
    return (
      'It wrote white space until the limit, as weak models do inside a JSON grammar: start vLLM with ' +
      '--structured-outputs-config \'{"backend":"xgrammar","disable_any_whitespace":true}\', or use score: logprobs.'
    )
  }
  if (cut) return `Raise maxTokens${maxTokens === undefined ? '' : ` (${maxTokens})`}, or turn reasons off.`
  if (answerAfter === undefined && text.includes('</think>'))
    return 'Set answerAfter: </think>, or turn its thinking off.'
  if (score === 'logprobs') return 'Use a server that gives top_logprobs as logarithms, or score: verdict.'
  if (structured === 'guided_json')
    return 'vLLM from 0.12 on ignores guided_json silently: use structured: structured_outputs.'
  if (!text.trimStart().startsWith('{')) {
    return 'The server does not hold the model to the schema: try another way (structured), or use a stronger model.'
  }
  return 'Ask item by item (ask: item), or use a stronger model.'
}
