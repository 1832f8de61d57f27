// A small server with the /edit and /health routes of EditThinker's servers, for trying the plugin out without a GPU. It
// does not edit: it paints stripes in colours drawn from picture, prompt and seed.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, sendJson, serveStandIn, type StandInPlace } from '@dda-thinker/endpoints'
import { makePng, readHeader } from '@dda-thinker/pictures'

export interface StandInOptions extends StandInPlace {
  /** Demanded as `Authorization: Bearer`. */
  readonly apiKey?: string
  /** Whether GPU workers are up; asked on every request for /health. Default: always. */
  readonly ready?: () => boolean
  /** Sees every request for an edit first; true: it has answered, or wrecked the connection. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean
}

export interface StandIn {
  /** Base URL. */
  readonly url: string
  /** Requests for edits as they came. */
  readonly seen: readonly Readonly<Record<string, unknown>>[]
  /** Requests for edits, those that were intercepted included. */
  readonly count: number
  /** Requests for /health. */
  readonly healthCount: number
  close(): Promise<void>
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { apiKey, ready = (): boolean => true, intercept } = options
  const seen: Readonly<Record<string, unknown>>[] = []
  const counts = { edit: 0, health: 0 }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await readBody(request)).toString('utf8')
    const { authorization } = request.headers
    if (request.url === '/edit') {
      counts.edit += 1
      if (intercept?.(request, response, counts.edit) === true) return
    }
    if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
      return sendJson(response, 401, { detail: `Invalid token: ${authorization ?? 'none'}` })
    }
    if (request.url === '/health') {
      counts.health += 1
      return sendJson(response, 200, { status: '健康', gpu_manager_ready: ready(), timestamp: Date.now() / 1000 })
    }
    if (request.url !== '/edit' || request.method !== 'POST') return sendJson(response, 404, { detail: 'Not Found' })
    const fields = JSON.parse(body) as Record<string, unknown>
    seen.push(fields)
    answer(response, fields)
  }

  const { origin, close } = await serveStandIn(options, handle)
  return {
    url: origin,
    seen,
    get count() {
      return counts.edit
    },
    get healthCount() {
      return counts.health
    },
    close,
  }
}

function answer(response: ServerResponse, fields: Readonly<Record<string, unknown>>): void {
  const { image, prompt, seed = Math.floor(Math.random() * 2 ** 31), enhance_prompt: enhance = true } = fields
  if (typeof prompt !== 'string')
    return sendJson(response, 422, { detail: [{ loc: ['body', 'prompt'], msg: 'Field required' }] })
  if (typeof image !== 'string') return sendJson(response, 400, { detail: '必须提供输入图像' })
  const source = Buffer.from(image, 'base64')
  const hash = createHash('sha256')
    .update(source)
    .update(`${prompt}\n${String(seed)}`)
    .digest()
  const at = (i: number): number => hash[i % 32] ?? 0
  const { width, height } = readHeader(source)
  const edited = makePng({
    width,
    height,
    pixel: (x) => [at((x >> 3) * 3), at((x >> 3) * 3 + 1), at((x >> 3) * 3 + 2)],
  })
  sendJson(response, 200, {
    success: true,
    task_id: 'edit_task_0_1700000000.0',
    original_image: image,
    edited_image: Buffer.from(edited).toString('base64'),
    seed,
    original_prompt: prompt,
    enhanced_prompt: enhance === false ? null : `${prompt}, highly detailed`,
    gpu_id: 0,
    processing_time: 0.01,
    error: null,
  })
}
