import type { Cost } from '@dda-thinker/plugin-api'
import type { Redactor } from '@dda-thinker/endpoints'
import { callErrors } from './errors.ts'
import type { EditorOptions } from './options.ts'

/** What the Editor needs of an answer; server-side paths, timings and echoes are left behind. */
export interface Answer {
  /** Base64 or a data URL. */
  readonly base64?: string
  /** Absolute, or relative to the endpoint. */
  readonly url?: string
  /** The prompt as the server says it used it. */
  readonly revisedPrompt?: string
  readonly cost?: Cost
}

/**
 * Reads `{ data: [{ b64_json | url, revised_prompt }], usage }` (OpenAI Images API, as vLLM-Omni, SGLang and LiteLLM
 * give it).
 * @throws DdaError `DDA_EDITOR_EMPTY` without a picture, `DDA_ENDPOINT_SERVER` for an error in a good answer's clothes
 */
export function readAnswer(body: unknown, price: EditorOptions['price'], redactor: Redactor): Answer {
  const { data, usage, error } = object(body)
  if (error !== undefined && error !== null) {
    const { message } = object(error)
    const text = redactor.excerpt(typeof message === 'string' ? message : JSON.stringify(error))
    throw callErrors.make('DDA_ENDPOINT_SERVER/images', { text }, { kind: 'server' })
  }
  const item = object(Array.isArray(data) ? data[0] : undefined)
  const [base64, url, revised] = [text(item['b64_json']), text(item['url']), text(item['revised_prompt'])]
  if (base64 === undefined && url === undefined) {
    throw callErrors.make('DDA_EDITOR_EMPTY/openai', {}, { kind: 'bad-output', transient: true })
  }
  const cost = costOf(object(usage), price)
  return {
    ...(base64 === undefined ? {} : { base64 }),
    ...(url === undefined ? {} : { url }),
    ...(revised === undefined ? {} : { revisedPrompt: revised }),
    ...(cost === undefined ? {} : { cost }),
  }
}

function costOf(usage: Readonly<Record<string, unknown>>, price: EditorOptions['price']): Cost | undefined {
  const [input, output] = [count(usage['input_tokens']), count(usage['output_tokens'])]
  const tokens = {
    ...(input === undefined ? {} : { inputTokens: input }),
    ...(output === undefined ? {} : { outputTokens: output }),
  }
  if (price === undefined) return Object.keys(tokens).length === 0 ? undefined : tokens
  const { perEdit, inputPerMillionTokens, outputPerMillionTokens } = price
  const money = perEdit + ((input ?? 0) * inputPerMillionTokens + (output ?? 0) * outputPerMillionTokens) / 1e6
  return { ...tokens, money }
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
