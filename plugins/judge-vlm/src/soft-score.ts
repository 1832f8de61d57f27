import type { TokenChance, TokenChoice } from '@dda-thinker/endpoints/chat'

export interface SoftScore {
  /** P(yes) / (P(yes) + P(no)); 0.5 where neither has any. */
  readonly probability: number
  /** P(yes) + P(no): how much of the model's belief the score speaks for. */
  readonly mass: number
}

/**
 * The soft score of a yes/no question from the alternatives to the first word written: probabilities of all spellings of
 * yes and of no are added up (case, a leading space or quote, a stop behind). Wants probabilities from before temperature
 * and grammar, as vLLM (`raw_logprobs`) and OpenAI give them. Undefined where there are no log-probabilities to read, or
 * numbers that are none.
 */
export function softScore(tokens: readonly TokenChoice[] | undefined): SoftScore | undefined {
  const first = tokens?.find(({ token }) => wordOf(token) !== '')
  if (first === undefined || first.top.length === 0) return undefined
  // What was sampled is not always among the most likely.
  const chances = first.top.some(({ token }) => token === first.token) ? first.top : [...first.top, first]
  if (chances.some(({ logprob }) => !(logprob <= 0))) return undefined
  const [yes, no] = [sum(chances, 'yes'), sum(chances, 'no')]
  const mass = yes + no
  return { probability: mass === 0 ? 0.5 : yes / mass, mass: Math.min(1, mass) }
}

function sum(chances: readonly TokenChance[], word: string): number {
  return chances.reduce((total, { token, logprob }) => (wordOf(token) === word ? total + Math.exp(logprob) : total), 0)
}

/** Without what tokenizers put around words: spaces (also as ▁ and Ġ), line breaks (Ċ), quotes, emphasis, stops. */
function wordOf(token: string): string {
  return token.replaceAll(/[\s▁ĠĊ"'`*_.,:;!]/g, '').toLowerCase()
}
