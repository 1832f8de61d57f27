import { afterThinking, type ChatAnswer, type TokenChoice } from '@dda-thinker/endpoints/chat'
import { fromProbability, parseVerdicts, type Parsed } from '@dda-thinker/chat-roles'
import { errors } from './errors.ts'
import type { JudgeOptions } from './options.ts'
import { softScore } from './soft-score.ts'

/**
 * The answers to `count` questions in one completion, or what makes it unusable, so that it is asked for again.
 * @throws DdaError `DDA_JUDGE_NO_LOGPROBS`, `DDA_JUDGE_LOW_MASS`: asking again would change nothing
 */
export function readAnswers(answer: ChatAnswer, count: number, options: JudgeOptions): Parsed {
  const { score, answerAfter } = options
  if (score === 'logprobs') return readSoft(answer, options)
  return parseVerdicts(afterThinking(answer.text, answerAfter), count)
}

function readSoft({ tokens }: ChatAnswer, { minMass, lowMass, margin, answerAfter }: JudgeOptions): Parsed {
  if (tokens === undefined) {
    throw errors.make('DDA_JUDGE_NO_LOGPROBS', {}, { kind: 'bad-output' })
  }
  const soft = softScore(after(tokens, answerAfter))
  if (soft === undefined) {
    return { problem: 'no word was written, its alternatives are missing, or their log-probabilities are none' }
  }
  if (soft.mass >= minMass) return { answers: [fromProbability(soft.probability, margin)] }
  if (lowMass === 'unsure') return { answers: [{ answer: 'unsure', probability: 0.5 }] }
  const percent = (100 * soft.mass).toFixed(1)
  throw errors.make('DDA_JUDGE_LOW_MASS', { percent, least: 100 * minMass }, { kind: 'bad-output' })
}

/** The tokens behind the last `mark`, which may be spread over several; all of them where it was not written. */
function after(tokens: readonly TokenChoice[], mark: string | undefined): readonly TokenChoice[] {
  if (mark === undefined) return tokens
  const start = tokens
    .map(({ token }) => token)
    .join('')
    .lastIndexOf(mark)
  if (start < 0) return tokens
  let length = 0
  return tokens.filter(({ token }) => {
    const begin = length
    length += token.length
    return begin >= start + mark.length
  })
}
