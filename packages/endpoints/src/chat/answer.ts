import type { Cost } from '@dda-thinker/plugin-api'
import type { EndpointError } from '../endpoint-error.ts'
import { callErrors } from '../errors.ts'
import type { Redactor } from '../secrets.ts'

export interface TokenChance {
  readonly token: string
  /** Natural logarithm of its probability; above 0 where a server gave what is none. */
  readonly logprob: number
}

/** One written token and what else could have stood there. */
export interface TokenChoice extends TokenChance {
  readonly top: readonly TokenChance[]
}

/** The first choice of a chat completion. */
export interface ChatAnswer {
  /** What the model wrote; '' where it wrote nothing. */
  readonly text: string
  /** It was cut at the token limit. */
  readonly cut: boolean
  /** Present where log-probabilities were asked for and the server gives them. */
  readonly tokens?: readonly TokenChoice[]
  readonly cost: Cost
}

/**
 * Reads the body of a chat completion (OpenAI API reference, "The chat completion object"; vLLM, SGLang and Ollama follow
 * it). Content may be a string, null or a list of text parts, as gateways give it. Reasoning fields are left behind; where
 * they are all that came, there is no answer.
 *
 * @throws DdaError `DDA_CHAT_REFUSED` (kind `refusal`) for a refusal or a content filter, `DDA_CHAT_EMPTY` (`bad-output`)
 *   without a choice, `DDA_CHAT_ONLY_REASONING` (`bad-output`) where the model thought and answered nothing, `DDA_ENDPOINT_SERVER` for an error in a good answer's clothes
 */
export function readAnswer(body: unknown, redactor: Redactor): ChatAnswer {
  const { choices, error, usage } = object(body)
  if (error !== undefined && error !== null) throw serverError(error, redactor)
  const choice = object(Array.isArray(choices) ? choices[0] : undefined)
  if (choice['error'] !== undefined && choice['error'] !== null) throw serverError(choice['error'], redactor)
  const finish = choice['finish_reason']
  const message = object(choice['message'])
  const refusal = message['refusal']
  const filtered = finish === 'content_filter'
  if (filtered || (typeof refusal === 'string' && refusal !== '')) {
    const words = typeof refusal === 'string' ? `: ${redactor.excerpt(refusal, 160)}` : ''
    throw callErrors.make('DDA_CHAT_REFUSED', { words }, { kind: 'refusal' })
  }
  if (choice['message'] === undefined || choice['message'] === null) {
    throw callErrors.make('DDA_CHAT_EMPTY', {}, { kind: 'bad-output', transient: true })
  }
  const tokens = tokensOf(object(choice['logprobs'])['content'])
  const text = textOf(message['content'])
  if (text.trim() === '' && REASONING.some((name) => textOf(message[name]).trim() !== '')) {
    throw callErrors.make(
      finish === 'length' ? 'DDA_CHAT_ONLY_REASONING/length' : 'DDA_CHAT_ONLY_REASONING/parser',
      {},
      {
        kind: 'bad-output', // The limit would end the next one too.
        transient: finish !== 'length',
      },
    )
  }
  return {
    text,
    cut: finish === 'length',
    ...(tokens === undefined ? {} : { tokens }),
    cost: costOf(object(usage)),
  }
}

/** Where servers put what a model thinks: vLLM and SGLang (old, new), OpenRouter and Ollama. */
const REASONING = ['reasoning_content', 'reasoning', 'thinking'] as const

/** What the body of a chat completion says it took, whatever else is in it. */
export function usageOf(body: unknown): Cost {
  return costOf(object(object(body)['usage']))
}

function serverError(error: unknown, redactor: Redactor): EndpointError {
  const { message } = object(error)
  const text = redactor.excerpt(typeof message === 'string' ? message : (JSON.stringify(error) ?? ''))
  return callErrors.make('DDA_ENDPOINT_SERVER/answer', { text }, { kind: 'server' })
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part) => object(part)['text'])
    .filter((text) => typeof text === 'string')
    .join('')
}

function tokensOf(content: unknown): readonly TokenChoice[] | undefined {
  if (!Array.isArray(content)) return undefined
  return content.map((entry) => {
    const { top_logprobs: top } = object(entry)
    return { ...chanceOf(entry), top: Array.isArray(top) ? top.map(chanceOf) : [] }
  })
}

function chanceOf(entry: unknown): TokenChance {
  const { token, logprob } = object(entry)
  const number = typeof logprob === 'number' && !Number.isNaN(logprob) ? logprob : Number.NEGATIVE_INFINITY
  // Rounding may lift certainty a little above 0; anything more is no logarithm of a probability, and is kept to be seen.
  return { token: typeof token === 'string' ? token : '', logprob: number <= ROUNDING ? Math.min(0, number) : number }
}

/** How far above 0 a log-probability may be. */
const ROUNDING = 0.01

function costOf(usage: Readonly<Record<string, unknown>>): Cost {
  const [input, output] = [usage['prompt_tokens'], usage['completion_tokens']]
  return {
    ...(isCount(input) ? { inputTokens: input } : {}),
    ...(isCount(output) ? { outputTokens: output } : {}),
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
