// A small server that speaks chat completions with pictures as vLLM and OpenAI do, for trying the judge out without a GPU.
// It has no model: a function given to it, or a comparison of the two pictures' bytes, answers the questions.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, sendJson, serveStandIn, type StandInPlace } from '@dda-thinker/endpoints'

/** One request, as the server understood it. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>
  readonly authorization: string | undefined
  readonly system: string
  /** All text parts of the user's message. */
  readonly text: string
  readonly pictures: readonly Uint8Array[]
  readonly questions: readonly string[]
}

export type Opinion = 'yes' | 'no' | 'unsure'

export interface StandInOptions extends StandInPlace {
  readonly model?: string
  /** Answer for whatever model is asked for, as before its server is up. Default false: another is refused. */
  readonly anyModel?: boolean
  /** Demanded as `Authorization: Bearer`. */
  readonly apiKey?: string
  readonly opinion?: (question: string, asked: Asked) => Opinion
  /** Replaces fields of the choice, for example `{ finish_reason: 'length' }`. */
  readonly choice?: (asked: Asked, count: number) => Readonly<Record<string, unknown>> | undefined
  /** Alternatives to the first word, for log-probabilities. */
  readonly chances?: (question: string, asked: Asked) => Readonly<Record<string, number>>
  /** Sees every completion first; true: it has answered, or wrecked the connection. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean
}

export interface StandIn {
  /** Base URL, ending in /v1. */
  readonly url: string
  readonly seen: readonly Asked[]
  /** Completions asked for, those that were intercepted included. */
  readonly count: number
  close(): Promise<void>
}

interface PartBody {
  readonly type?: unknown
  readonly text?: unknown
  readonly image_url?: { readonly url?: unknown }
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { model = 'stand-in-vlm', anyModel = false, apiKey, intercept } = options
  const seen: Asked[] = []
  let count = 0

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const given = await readBody(request)
    const completion = request.url === '/v1/chat/completions' && request.method === 'POST'
    if (completion) {
      count += 1
      if (intercept?.(request, response, count) === true) return
    }
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      const message = `Incorrect API key provided: ${request.headers.authorization ?? 'none'}`
      return sendJson(response, 401, { error: { message, type: 'invalid_request_error', code: 'invalid_api_key' } })
    }
    if (request.url === '/v1/models') {
      const card = { id: model, object: 'model', created: Math.floor(Date.now() / 1000), owned_by: 'stand-in' }
      return sendJson(response, 200, {
        object: 'list',
        data: [{ ...card, root: `/models/${model}`, max_model_len: 32_768 }],
      })
    }
    if (!completion) return sendJson(response, 404, { detail: 'Not Found' })
    const body = JSON.parse(given.toString('utf8')) as Record<string, unknown>
    const problem = problemOf(body, anyModel ? body['model'] : model)
    if (problem !== undefined) {
      return sendJson(response, problem.status, {
        error: { message: problem.message, type: 'BadRequestError', code: problem.status },
      })
    }
    const asked = read(body, request.headers.authorization)
    seen.push(asked)
    sendJson(response, 200, answer(asked, anyModel ? String(body['model']) : model, options, count))
  }

  const { origin, close } = await serveStandIn(options, handle, (message) => ({ error: { message } }))
  return {
    url: `${origin}/v1`,
    seen,
    get count() {
      return count
    },
    close,
  }
}

const bad = (message: string) => ({ status: 400, message })

/** What vLLM's and OpenAI's servers refuse. */
function problemOf(
  body: Readonly<Record<string, unknown>>,
  model: unknown,
): { status: number; message: string } | undefined {
  if (body['model'] !== model) return { status: 404, message: `The model \`${String(body['model'])}\` does not exist.` }
  const { logprobs, top_logprobs: top, response_format: format, temperature, messages } = body
  if (top !== undefined && logprobs !== true) return bad('when using `top_logprobs`, `logprobs` must be set to true.')
  if (typeof top === 'number' && top > 20)
    return bad(`Requested sample logprobs of ${top}, which is greater than max allowed: 20`)
  if (temperature !== undefined && (typeof temperature !== 'number' || temperature < 0))
    return bad('temperature must be non-negative')
  const { type, json_schema: schema } = (format ?? {}) as {
    type?: unknown
    json_schema?: { name?: unknown; schema?: unknown }
  }
  if (type === 'json_schema' && (typeof schema?.name !== 'string' || typeof schema.schema !== 'object'))
    return bad('json_schema is incomplete')
  if (!Array.isArray(messages) || messages.length === 0) return bad('messages must not be empty')
  for (const part of parts(body)) {
    if (part.type === 'text' && typeof part.text === 'string') continue
    const url = part.type === 'image_url' ? part.image_url?.url : undefined
    if (typeof url !== 'string') return bad(`unknown content part ${String(part.type)}`)
    if (!/^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/.test(url)) return bad('cannot load the image')
  }
  return undefined
}

function parts(body: Readonly<Record<string, unknown>>): readonly PartBody[] {
  const messages = body['messages'] as readonly { role: string; content: string | readonly PartBody[] }[]
  return messages.flatMap(({ role, content }) =>
    role === 'system' ? [] : typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  )
}

function read(body: Readonly<Record<string, unknown>>, authorization: string | undefined): Asked {
  const messages = body['messages'] as readonly { role: string; content: unknown }[]
  const text = parts(body).flatMap((part) => (typeof part.text === 'string' ? [part.text] : []))
  const last = text.at(-1) ?? ''
  return {
    body,
    authorization,
    system: messages
      .filter(({ role }) => role === 'system')
      .map(({ content }) => String(content))
      .join('\n'),
    text: text.join('\n'),
    pictures: parts(body).flatMap((part) => {
      const url = part.image_url?.url
      return typeof url === 'string' ? [Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')] : []
    }),
    questions: [...last.matchAll(/^(?:\d+\.|Question:) (.*)$/gm)].map(([, question = '']) => question),
  }
}

function answer(asked: Asked, model: string, options: StandInOptions, count: number): unknown {
  const { opinion = compare, chances } = options
  const opinions = asked.questions.map((question) => opinion(question, asked))
  const soft = asked.body['logprobs'] === true
  const verdicts = opinions.map((said, i) => [String(i + 1), { reason: `The stand-in says ${said}.`, answer: said }])
  const content = soft
    ? (opinions[0] ?? 'no')
    : (onlyAnswer(asked.body) ?? JSON.stringify(Object.fromEntries(verdicts)))
  const [question = ''] = asked.questions
  const given = chances?.(question, asked) ?? { [content]: 0.9, [content === 'yes' ? 'no' : 'yes']: 0.08 }
  const top = Object.entries(given).map(([token, chance]) => ({
    token,
    logprob: Math.log(chance),
    bytes: [...Buffer.from(token)],
  }))
  const choice = {
    index: 0,
    message: { role: 'assistant', content, refusal: null },
    finish_reason: 'stop',
    logprobs: soft ? { content: [{ ...top[0], top_logprobs: top }] } : null,
    ...options.choice?.(asked, count),
  }
  return {
    id: `chatcmpl-${count}`,
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [choice],
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  }
}

/** What a grammar leaves where each property of its schema has one value. */
function onlyAnswer(body: Asked['body']): string | undefined {
  const format = body['response_format'] as { readonly json_schema?: { readonly schema?: unknown } } | undefined
  const outputs = body['structured_outputs'] as { readonly json?: unknown } | undefined
  const schema = (format?.json_schema?.schema ?? outputs?.json) as { readonly properties?: object } | undefined
  const properties = Object.entries(
    (schema?.properties ?? {}) as Record<string, { readonly enum?: readonly unknown[] }>,
  )
  if (properties.length === 0 || properties.some(([, { enum: values }]) => values?.length !== 1)) return undefined
  return JSON.stringify(Object.fromEntries(properties.map(([name, { enum: values }]) => [name, values?.[0]])))
}

/** What can be said without a model: whether the two pictures are the same file. */
function compare(question: string, { pictures }: Asked): Opinion {
  const [first, last] = [pictures[0], pictures.at(-1)]
  if (first === undefined || last === undefined || first === last) return 'unsure'
  const same = Buffer.from(first).equals(last)
  if (/\bunchanged|\bsame\b/i.test(question)) return same ? 'yes' : 'no'
  return /\bchange|\bdiffer/i.test(question) ? (same ? 'no' : 'yes') : 'unsure'
}
