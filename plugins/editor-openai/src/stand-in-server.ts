// A small server that speaks the image edit route as vLLM-Omni, SGLang-Diffusion and OpenAI do, for trying the plugin out
// without a GPU. It does not edit: it paints stripes in colours drawn from picture, prompt and seed.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, sendJson, serveStandIn, type StandInPlace } from '@dda-thinker/endpoints'
import { makePng } from '@dda-thinker/pictures'

export interface StandInOptions extends StandInPlace {
  readonly style?: 'vllm-omni' | 'sglang' | 'openai'
  /** Demanded as `Authorization: Bearer`. */
  readonly apiKey?: string
  /** The model it lists. */
  readonly model?: string
  /** Characters of a prompt; longer ones are refused as vLLM-Omni does, whose limit is one of tokens. */
  readonly promptLimit?: number
  /** Sees every request for an edit first; true: it has answered, or wrecked the connection. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, count: number, body: Buffer) => boolean
}

/** One request for an edit, as the server understood it. */
export interface SeenRequest {
  readonly fields: Readonly<Record<string, string>>
  readonly files: readonly { readonly name: string; readonly filename: string; readonly type: string }[]
  readonly authorization: string | undefined
}

export interface StandIn {
  /** Base URL, ending in /v1. */
  readonly url: string
  readonly seen: readonly SeenRequest[]
  /** Requests for edits, those that were intercepted included. */
  readonly count: number
  close(): Promise<void>
}

/** Fields that OpenAI documents; its server refuses others. */
const OPENAI_FIELDS = new Set(
  'prompt model n size quality background input_fidelity output_format output_compression user'.split(' '),
)

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { style = 'vllm-omni', apiKey, model = 'stand-in', promptLimit = Infinity, intercept } = options
  const seen: SeenRequest[] = []
  const stored = new Map<string, Uint8Array>()
  let count = 0

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    const body = await readBody(request)
    if (path === '/v1/images/edits' && request.method === 'POST') {
      count += 1
      if (intercept?.(request, response, count, body) === true) return
    }
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      const message = `Incorrect API key provided: ${request.headers.authorization ?? 'none'}`
      return sendJson(response, 401, { error: { message, type: 'invalid_request_error', code: 'invalid_api_key' } })
    }
    if (path === '/v1/models') return sendJson(response, 200, models(style, model))
    const picture = /^\/v1\/images\/([^/]+)\/content$/.exec(path)?.[1]
    const bytes = picture === undefined ? undefined : stored.get(picture)
    if (bytes !== undefined) return void response.writeHead(200, { 'content-type': 'image/png' }).end(bytes)
    if (path !== '/v1/images/edits') return sendJson(response, 404, { detail: 'Not Found' })
    await edit(request, response, body)
  }

  const edit = async (request: IncomingMessage, response: ServerResponse, body: Uint8Array): Promise<void> => {
    const type = request.headers['content-type'] ?? ''
    const form = await new Response(Uint8Array.from(body), { headers: { 'content-type': type } }).formData()
    const fields: Record<string, string> = {}
    const files: File[] = []
    const names: string[] = []
    form.forEach((value, name) => {
      if (typeof value === 'string') fields[name] = value
      else {
        files.push(value)
        names.push(name)
      }
    })
    seen.push({
      fields,
      files: files.map((file, i) => ({ name: names[i] ?? '', filename: file.name, type: file.type })),
      authorization: request.headers.authorization,
    })
    const unknown = Object.keys(fields).find((name) => !OPENAI_FIELDS.has(name))
    if (style === 'openai' && unknown !== undefined) {
      const error = {
        message: `Unknown parameter: '${unknown}'.`,
        type: 'invalid_request_error',
        code: 'unknown_parameter',
      }
      return sendJson(response, 400, { error })
    }
    if (names.some((name) => name !== 'image' && name !== 'image[]') || files.length === 0) {
      return sendJson(response, 422, { detail: "Field 'image' or 'url' is required" })
    }
    if ((fields['prompt'] ?? '').length > promptLimit) {
      const detail = '`prompt` is too long after applying the Qwen prompt template: got 1500 tokens'
      return sendJson(response, 500, { detail })
    }
    const hash = createHash('sha256').update(`${fields['prompt']}\n${fields['seed'] ?? ''}\n`)
    for (const file of files) hash.update(new Uint8Array(await file.arrayBuffer()))
    const picture = stripes(hash.digest(), fields['size'])
    const id = createHash('sha256').update(picture).digest('hex').slice(0, 16)
    stored.set(id, picture)
    const asUrl = fields['response_format'] === 'url'
    const item = {
      b64_json: asUrl ? null : Buffer.from(picture).toString('base64'),
      url: asUrl ? `/v1/images/${id}/content` : null,
      revised_prompt: style === 'sglang' ? fields['prompt'] : null,
      ...(style === 'sglang' ? { file_path: `/srv/outputs/${id}.png` } : {}),
    }
    sendJson(response, 200, {
      created: 1_700_000_000,
      data: [item],
      output_format: fields['output_format'] ?? 'png',
      ...(style === 'sglang' ? { id, inference_time_s: 0.01 } : {}),
      ...(style === 'openai' ? { usage: { input_tokens: 300, output_tokens: 4000, total_tokens: 4300 } } : {}),
    })
  }

  const { origin, close } = await serveStandIn(options, handle)
  return {
    url: `${origin}/v1`,
    seen,
    get count() {
      return count
    },
    close,
  }
}

function stripes(hash: Uint8Array, size = '64x48'): Uint8Array {
  const [width = 64, height = 48] = size === 'auto' ? [] : size.split('x').map(Number)
  const at = (i: number): number => hash[i % 32] ?? 0
  return makePng({ width, height, pixel: (x) => [at((x >> 3) * 3), at((x >> 3) * 3 + 1), at((x >> 3) * 3 + 2)] })
}

/** `created` is the time of asking, as vLLM and SGLang do it: no part of an identity. */
function models(style: string, id: string): unknown {
  const card = { id, object: 'model', created: Math.floor(Date.now() / 1000), owned_by: style }
  const own =
    style === 'sglang'
      ? { root: id, num_gpus: 1, task_type: 'I2I', dit_precision: 'bf16', pipeline_name: 'QwenImageEditPipeline' }
      : style === 'vllm-omni'
        ? { root: `/models/${id}`, parent: null, max_model_len: 4096 }
        : {}
  return { object: 'list', data: [{ ...card, ...own }, ...(style === 'openai' ? [{ ...card, id: 'another' }] : [])] }
}
