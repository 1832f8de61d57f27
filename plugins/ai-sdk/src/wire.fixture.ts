import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, sendJson, serveStandIn } from '@dda-thinker/endpoints'
import { makePng } from '@dda-thinker/testkit'

/** What arrived, in the provider's own form. */
export interface Seen {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Of JSON. */
  readonly body: Readonly<Record<string, unknown>>
  /** Text fields and pictures of a form. */
  readonly fields: Readonly<Record<string, string>>
  readonly files: readonly { readonly type: string; readonly bytes: Uint8Array }[]
}

export interface Wire {
  readonly url: string
  readonly seen: readonly Seen[]
  close(): Promise<void>
}

export interface WireOptions {
  /** Text of the completion. Default: by the request, deterministic. */
  readonly text?: (seen: Seen) => string
  /** Answers in its place where it returns true. */
  readonly intercept?: (seen: Seen, response: ServerResponse, count: number) => boolean
}

/**
 * One server that speaks as OpenAI (`images/edits`, `responses`), Anthropic (`messages`) and Google (`generateContent`) do, in the
 * forms of their API references: what the real provider packages send to it and read from it.
 */
export async function startWire(options: WireOptions = {}): Promise<Wire> {
  const seen: Seen[] = []
  const { origin, close } = await serveStandIn({}, async (request, response) => {
    const one = await read(request)
    seen.push(one)
    if (options.intercept?.(one, response, seen.length) === true) return
    answer(one, response, options.text ?? (() => 'nothing'))
  })
  return { url: origin, seen, close }
}

function answer(one: Seen, response: ServerResponse, text: NonNullable<WireOptions['text']>): void {
  if (one.path.endsWith('/images/edits')) return sendJson(response, 200, edited(one))
  if (one.path.endsWith('/responses')) return sendJson(response, 200, openAi(text(one)))
  if (one.path.endsWith('/messages')) return sendJson(response, 200, anthropic(text(one)))
  if (one.path.includes(':generateContent')) return sendJson(response, 200, google(text(one)))
  sendJson(response, 404, { error: { message: `no route ${one.path}` } })
}

async function read(request: IncomingMessage): Promise<Seen> {
  const body = await readBody(request)
  const type = request.headers['content-type'] ?? ''
  const shared = { path: (request.url ?? '').replace(/\?.*$/, ''), headers: request.headers }
  if (!type.startsWith('multipart/'))
    return { ...shared, body: body.length === 0 ? {} : JSON.parse(body.toString('utf8')), fields: {}, files: [] }
  const form = await new Response(Uint8Array.from(body), { headers: { 'content-type': type } }).formData()
  const fields: Record<string, string> = {}
  const files: { type: string; bytes: Uint8Array }[] = []
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value
    else files.push({ type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) })
  }
  return { ...shared, body: {}, fields, files }
}

function edited({ fields, files }: Seen): unknown {
  const hash = createHash('sha256').update(fields['prompt'] ?? '')
  for (const { bytes } of files) hash.update(bytes)
  const [r = 0, g = 0, b = 0] = hash.digest()
  const picture = makePng({ width: 32, height: 24, pixel: () => [r, g, b] })
  return {
    created: 1_700_000_000,
    data: [{ b64_json: Buffer.from(picture).toString('base64') }],
    usage: { input_tokens: 300, output_tokens: 4000, total_tokens: 4300 },
  }
}

function openAi(text: string): unknown {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    model: 'stand-in',
    error: null,
    incomplete_details: null,
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 120,
    },
  }
}

function anthropic(text: string): unknown {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'stand-in',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 20 },
  }
}

function google(text: string): unknown {
  return {
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 },
    modelVersion: 'stand-in',
  }
}

/** The same model at each provider, with the base URL as its package wants it. */
export function providersAt(url: string) {
  const common = { model: 'stand-in', retryDelaySeconds: 0.001, apiKeyEnv: 'DDA_TEST_AI_SDK_KEY' }
  return {
    openai: { ...common, provider: '@ai-sdk/openai', options: { baseURL: `${url}/v1` } },
    anthropic: { ...common, provider: '@ai-sdk/anthropic', options: { baseURL: `${url}/v1` } },
    google: { ...common, provider: '@ai-sdk/google', options: { baseURL: `${url}/v1beta` } },
  } as const
}

export const KEY = 'sk-the-key-of-the-test-1234567890'
process.env['DDA_TEST_AI_SDK_KEY'] = KEY
