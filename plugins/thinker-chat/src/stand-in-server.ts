// A small server that speaks chat completions with pictures as vLLM and OpenAI do, for trying the Thinker out without a
// GPU. It has no model: it writes a plan whose details are drawn from instruction, pictures, temperature and seed.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, sendJson, serveStandIn, type StandInPlace } from '@dda-thinker/endpoints'

/** One request, as the server understood it. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>
  readonly authorization: string | undefined
  readonly system: string
  /** Text parts of the user's message. */
  readonly text: string
  readonly pictures: readonly Uint8Array[]
}

export interface StandInOptions extends StandInPlace {
  readonly model?: string
  /** Answer for whatever model is asked for, as before its server is up. Default false: another is refused. */
  readonly anyModel?: boolean
  /** Demanded as `Authorization: Bearer`. */
  readonly apiKey?: string
  /** What the model writes. */
  readonly write?: (asked: Asked, count: number) => string
  /** Replaces fields of the choice, for example `{ finish_reason: 'length' }`. */
  readonly choice?: (asked: Asked) => Readonly<Record<string, unknown>>
  /** How long the model takes. */
  readonly pause?: () => Promise<void>
  /** Sees every completion first; true: it has answered, or wrecked the connection. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean
}

export interface StandIn {
  /** Base URL, ending in /v1. */
  readonly url: string
  readonly seen: readonly Asked[]
  /** Completions asked for, those that were intercepted included. */
  readonly count: number
  /** Most requests at once so far. */
  readonly most: number
  close(): Promise<void>
}

interface PartBody {
  readonly type?: unknown
  readonly text?: unknown
  readonly image_url?: { readonly url?: unknown }
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { model = 'stand-in-vlm', anyModel = false, apiKey, intercept, pause, write = plan, choice } = options
  const seen: Asked[] = []
  let [count, active, most] = [0, 0, 0]

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    active += 1
    most = Math.max(most, active)
    response.once('close', () => {
      active -= 1
    })
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
    const asked = read(body, request.headers.authorization)
    if (asked === undefined || (!anyModel && body['model'] !== model)) {
      return sendJson(response, 400, {
        error: { message: 'the request cannot be read', type: 'BadRequestError', code: 400 },
      })
    }
    seen.push(asked)
    await pause?.()
    const written = {
      index: 0,
      message: { role: 'assistant', content: write(asked, count), refusal: null },
      finish_reason: 'stop',
    }
    sendJson(response, 200, {
      id: `chatcmpl-${count}`,
      object: 'chat.completion',
      created: 1_700_000_000,
      model: anyModel ? body['model'] : model,
      choices: [{ ...written, ...choice?.(asked) }],
      usage: { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 },
    })
  }

  const { origin, close } = await serveStandIn(options, handle, (message) => ({ error: { message } }))
  return {
    url: `${origin}/v1`,
    seen,
    get count() {
      return count
    },
    get most() {
      return most
    },
    close,
  }
}

/** Undefined for what the protocol does not know. */
function read(body: Readonly<Record<string, unknown>>, authorization: string | undefined): Asked | undefined {
  const { messages } = body as { messages?: readonly { role: string; content: string | readonly PartBody[] }[] }
  if (!Array.isArray(messages)) return undefined
  const system: string[] = []
  const text: string[] = []
  const pictures: Uint8Array[] = []
  for (const { role, content } of messages) {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    for (const part of parts) {
      const url = 'image_url' in part ? part.image_url?.url : undefined
      if (part.type === 'text' && typeof part.text === 'string') (role === 'system' ? system : text).push(part.text)
      else if (typeof url === 'string' && url.startsWith('data:image/')) {
        pictures.push(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'))
      } else return undefined
    }
  }
  return { body, authorization, system: system.join('\n'), text: text.join('\n'), pictures }
}

const THINGS = ['banana', 'cup', 'egg', 'snowman', 'flower', 'hammer'] as const
const CHANGES = ['brown and soft', 'cracked', 'soaked with water', 'frozen', 'covered with rust', 'wilted'] as const

/** A plan in the tags that the prompt asks for; greedy ones do not depend on the seed. */
function plan({ body, system, text, pictures }: Asked): string {
  const hash = createHash('sha256').update(text)
  for (const picture of pictures) hash.update(picture)
  if (body['temperature'] !== 0) hash.update(String(body['seed']))
  const [a = 0, b = 0] = hash.digest()
  const names = [...system.matchAll(/^<(\w+)>/gm)].map(([, name]) => name)
  const tag = names.at(-1) ?? 'plan'
  const thing = THINGS[a % THINGS.length]
  const look = names.length > 1 ? `<${names[0]}>There is a ${thing} on the table.</${names[0]}>\n` : ''
  return `${look}<${tag}>Make the ${thing} ${CHANGES[b % CHANGES.length]}, in its place and of its size.</${tag}>`
}
