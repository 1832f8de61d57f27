// Records what a ComfyUI server answers to all that the Editor asks of it, and the events that it tells meanwhile:
//
//   npx jiti plugins/editor-comfyui/src/record-server.fixture.ts http://127.0.0.1:8188 > plugins/editor-comfyui/src/comfyui-0.3.64.fixture.json
//
// Needs no model: the workflow blurs, reduces colours to the plan's length, and adds noise. An empty plan makes a node fail.
// Paths of the server's machine are taken out. The tests replay the recording, and hold the stand-in to it.
import { randomUUID } from 'node:crypto'
import { argv } from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { makePng } from '@dda-thinker/testkit'
import { WebSocket } from 'undici'

type Json = Readonly<Record<string, unknown>>

export interface Reply {
  readonly status: number
  /** Media type without parameters. */
  readonly type: string
  /** JSON, or base64 of anything else; '' where there is none. */
  readonly body: unknown
}

export interface Job {
  readonly id: string
  readonly graph: Json
  readonly submitted: Reply
  /** Of the event socket of its client, in order; without previews, progress and how the system does. */
  readonly events: readonly Json[]
  readonly history: Reply
  readonly picture?: Reply
}

export interface Recording {
  readonly software: 'ComfyUI'
  readonly version: string
  /** ISO day. */
  readonly date: string
  /** By `METHOD path`; ids, names and queries are left out of paths. */
  readonly replies: Readonly<Record<string, Reply>>
  readonly jobs: Readonly<Record<'first' | 'cached' | 'afterFree' | 'failed' | 'interrupted', Job>>
  readonly refused: Readonly<Record<string, Reply>>
}

/** A workflow that any server runs without a model. */
export function workflow(image: string, plan: string, seed: number, heavy = false): Record<string, Json> {
  const blur = { blur_radius: 31, sigma: 10 }
  return {
    '1': { class_type: 'LoadImage', inputs: { image } },
    '2': { class_type: 'StringLength', inputs: { string: plan } },
    '3': { class_type: 'ImageQuantize', inputs: { image: ['1', 0], colors: ['2', 0], dither: 'none' } },
    '4': { class_type: 'ImageAddNoise', inputs: { image: ['3', 0], seed, strength: 0.1 } },
    '5': { class_type: 'SaveImage', inputs: { filename_prefix: 'dda-thinker', images: [heavy ? '17' : '4', 0] } },
    ...(heavy
      ? Object.fromEntries(
          Array.from({ length: 8 }, (_, i) => {
            const before = i === 0 ? '4' : String(9 + i)
            return [String(10 + i), { class_type: 'ImageBlur', inputs: { image: [before, 0], ...blur } }]
          }),
        )
      : {}),
  }
}

const PATIENCE_MS = 300_000
const NOISE = new Set(['crystools.monitor', 'progress', 'progress_state', 'status', 'feature_flags'])

/** @param url base URL of a server that nobody else uses meanwhile */
export async function record(url: string): Promise<Recording> {
  const clientId = randomUUID()
  const events: Json[] = []
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?clientId=${clientId}`)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') events.push(JSON.parse(data) as Json)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`no websocket at ${url}`)))
  })
  const replies: Record<string, Reply> = {}
  const ask = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const isForm = body instanceof FormData
    const response = await fetch(`${url}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(body === undefined || isForm ? {} : { headers: { 'content-type': 'application/json' } }),
    })
    return replyOf(response)
  }
  const keep = async (name: string, method: string, path: string, body?: unknown): Promise<Reply> => {
    replies[name] = await ask(method, path, body)
    return replies[name]
  }
  const upload = async (size: number): Promise<string> => {
    const form = new FormData()
    const png = makePng({ width: size, height: size, pixel: (x, y) => [(x * 9) % 256, (y * 5) % 256, (x * y) % 256] })
    form.set('image', new Blob([Uint8Array.from(png)], { type: 'image/png' }), `source-${size}.png`)
    form.set('type', 'input')
    form.set('subfolder', 'dda-thinker')
    const { body } = await keep('POST upload/image', 'POST', 'upload/image', form)
    const { name, subfolder } = body as { readonly name: string; readonly subfolder: string }
    return `${subfolder}/${name}`
  }
  const submit = async (graph: Json, id: string): Promise<Reply> =>
    ask('POST', 'prompt', { prompt: graph, client_id: clientId, prompt_id: id })
  const end = async (id: string): Promise<Reply> => {
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await wait(50)) {
      const history = await ask('GET', `history/${id}`)
      if (Object.keys(history.body as Json).length > 0) return history
    }
    throw new Error(`the job ${id} does not end`)
  }
  const job = async (graph: Json, meanwhile?: (id: string) => Promise<void>): Promise<Job> => {
    events.length = 0
    const id = randomUUID()
    const submitted = await submit(graph, id)
    await meanwhile?.(id)
    const history = await end(id)
    // The last event comes after history has the job.
    await wait(500)
    const file = pictureOf(history, id)
    const view = file === undefined ? undefined : await ask('GET', `view?${new URLSearchParams(file).toString()}`)
    const told = events.filter(({ type }) => !NOISE.has(String(type)))
    return { id, graph, submitted, events: told, history, ...(view === undefined ? {} : { picture: view }) }
  }

  const name = await upload(32)
  await keep('GET system_stats', 'GET', 'system_stats')
  await keep('GET models/checkpoints', 'GET', 'models/checkpoints')
  await keep('GET models/diffusion_models', 'GET', 'models/diffusion_models')
  await keep('GET prompt', 'GET', 'prompt')
  await keep('GET history of an unknown id', 'GET', `history/${randomUUID()}`)
  await keep('GET view of no file', 'GET', 'view?filename=none.png&subfolder=&type=output')
  await keep('GET no such route', 'GET', 'dda-thinker')
  const stamp = Math.floor(Math.random() * 1e9)
  const plan = 'Make it red'
  const first = await job(workflow(name, plan, stamp))
  const cached = await job(workflow(name, plan, stamp))
  await keep('POST free', 'POST', 'free', { free_memory: true })
  // Emptied when the thread that works wakes up: a job that is given at once is now and then answered from the cache still.
  await wait(2000)
  const afterFree = await job(workflow(name, plan, stamp))
  const failed = await job(workflow(name, '', stamp + 1))
  const big = await upload(1024)
  const interrupted = await job(workflow(big, plan, stamp + 2, true), async (id) => {
    const waiting = randomUUID()
    await submit(workflow(big, plan, stamp + 3, true), waiting)
    await wait(200)
    await keep('GET queue', 'GET', 'queue')
    await keep('POST queue', 'POST', 'queue', { delete: [waiting] })
    await keep('POST interrupt', 'POST', 'interrupt', { prompt_id: id })
  })
  const refused: Record<string, Reply> = {}
  for (const [why, graph] of Object.entries(badGraphs(name))) refused[why] = await submit(graph, randomUUID())
  await upload(32)
  socket.close()
  const system = (replies['GET system_stats']?.body as { system?: { comfyui_version?: string } } | undefined)?.system
  return {
    software: 'ComfyUI',
    version: system?.comfyui_version ?? 'unknown',
    date: new Date().toISOString().slice(0, 10),
    replies,
    jobs: { first, cached, afterFree, failed, interrupted },
    refused,
  }
}

/** Graphs that servers do not take, by what is wrong with them. */
function badGraphs(name: string): Readonly<Record<string, Json>> {
  const good = workflow(name, 'Make it red', 1)
  const { 5: _, ...endless } = good
  return {
    'unknown node class': { ...good, '4': { class_type: 'NoSuchNode', inputs: { image: ['3', 0] } } },
    'no output': endless,
    'missing input': { ...good, '3': { class_type: 'ImageQuantize', inputs: { image: ['1', 0], dither: 'none' } } },
    'missing picture': workflow('dda-thinker/none.png', 'Make it red', 1),
    'seed out of range': workflow(name, 'Make it red', -1),
    empty: {},
  }
}

function pictureOf(history: Reply, id: string): Record<string, string> | undefined {
  const { outputs = {} } = ((history.body as Json)[id] ?? {}) as { readonly outputs?: Json }
  const [output] = Object.values(outputs) as { readonly images?: readonly Record<string, string>[] }[]
  return output?.images?.[0]
}

async function replyOf(response: Response): Promise<Reply> {
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  const bytes = Buffer.from(await response.arrayBuffer())
  const body: unknown = type === 'application/json' ? JSON.parse(bytes.toString('utf8')) : bytes.toString('base64')
  return { status: response.status, type, body }
}

/** Without paths of the machine that was recorded, and without what its nodes held. */
export function scrubbed(recording: Recording): Recording {
  return JSON.parse(
    JSON.stringify(recording, (key, value: unknown) => {
      if (key === 'argv') return ['main.py']
      if (key === 'traceback') return []
      // Printed tensors.
      if (key === 'current_inputs') return {}
      if (typeof value === 'string') return value.replaceAll(/(?:\/[\w.-]+)+\/(?=[\w-]+\.py\b)/g, '')
      return value
    }),
  ) as Recording
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const [, , url] = argv
  if (url === undefined) throw new Error('give the address of a ComfyUI server, for example http://127.0.0.1:8188')
  process.stdout.write(`${JSON.stringify(scrubbed(await record(url)), undefined, 2)}\n`)
}
