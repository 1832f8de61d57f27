// A server for tests and demonstrations that speaks ComfyUI's protocol over real sockets: uploads, a queue with one job
// at a time, events over a websocket, history, pictures, cancelling (server.py and execution.py of ComfyUI). Instead of
// computing with models it paints stripes in colours drawn from everything that leads to the saved picture.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readBody, sendJson, type StandInPlace } from '@dda-thinker/endpoints'
import { compute, type Graph, upstream, validate } from './stand-in-nodes.ts'
import { acceptWebSocket, type ServerSocket } from './stand-in-websocket.ts'

export interface StandInOptions extends StandInPlace {
  /** Demanded as `Authorization: Bearer`, by a proxy before the server as it were. */
  readonly apiKey?: string
  readonly version?: string
  /** Milliseconds of work for a job. Default 0. */
  readonly workMs?: number
  /** As a server of 2024: chooses prompt ids itself and interrupts whatever runs. Default false. */
  readonly old?: boolean
  /** The workflow draws without its seed: every job that is really run gives another picture. Default false. */
  readonly random?: boolean
  /** Offers the event socket. Default true. */
  readonly websocket?: boolean
  /** What the job does instead of ending well. */
  readonly job?: (count: number) => JobFault | undefined
  /** Sees every request first; true: it has answered, or wrecked the connection. `count`: of this route, from 1. */
  readonly intercept?: (route: string, request: IncomingMessage, response: ServerResponse, count: number) => boolean
}

/** A job that throws, that others interrupt or delete, that never ends, or that breaks all event sockets as it begins. */
export type JobFault =
  | { readonly exception_type: string; readonly exception_message: string }
  | 'interrupted'
  | 'lost'
  | 'hang'
  | 'socket-lost'

interface Job {
  readonly number: number
  readonly id: string
  readonly graph: Graph
  readonly clientId: string
  readonly outputs: readonly string[]
}

export interface StandIn {
  /** Base URL. */
  readonly url: string
  /** Graphs queued, in order. */
  readonly graphs: readonly Graph[]
  /** Requests by route, for example `POST /prompt`; ids are left out. */
  readonly calls: Readonly<Record<string, number>>
  /** Ids of jobs that were interrupted, and that were taken out of the queue. */
  readonly interrupted: readonly string[]
  readonly deleted: readonly string[]
  /** Settles when the next job starts to run. */
  nextStart(): Promise<void>
  /** Forgets all uploaded pictures. */
  clearInputs(): void
  /** Deletes all pictures that were saved, as a cleaning job does; the execution cache goes on naming them. */
  clearOutputs(): void
  /** Puts a job of somebody else into the queue. Gives its id. */
  addForeignJob(): string
  close(): Promise<void>
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const {
    host = '127.0.0.1',
    port = 0,
    apiKey,
    version = '0.3.60',
    workMs = 0,
    old = false,
    random = false,
    websocket = true,
    intercept,
  } = options
  const inputs = new Map<string, Uint8Array>()
  const files = new Map<string, Uint8Array>()
  const sockets = new Map<string, ServerSocket>()
  const history = new Map<string, unknown>()
  // Outputs by all that leads to them: an equal graph is answered from here, until `POST /free` (execution.py, ComfyUI 0.3.64).
  const cache = new Map<string, object>()
  const pending: Job[] = []
  const graphs: Graph[] = []
  const calls: Record<string, number> = {}
  const [interrupted, deleted]: [string[], string[]] = [[], []]
  const starts: (() => void)[] = []
  let running: { readonly job: Job; readonly interrupt: () => void } | undefined
  let [numbers, jobs, saved] = [0, 0, 0]

  const send = (type: string, data: object, clientId: string): void => sockets.get(clientId)?.sendJson({ type, data })

  const tellStatus = (): void => {
    const status = { exec_info: { queue_remaining: pending.length + (running === undefined ? 0 : 1) } }
    for (const socket of sockets.values()) socket.sendJson({ type: 'status', data: { status } })
  }

  const work = async (): Promise<void> => {
    if (running !== undefined) return
    for (let job = pending.shift(); job !== undefined; job = pending.shift()) {
      await execute(job)
    }
  }

  const execute = async (job: Job): Promise<void> => {
    const { id, clientId, graph } = job
    jobs += 1
    const fault = options.job?.(jobs)
    const messages: [string, object][] = []
    const tell = (type: string, data: object): void => {
      const full = { ...data, prompt_id: id, timestamp: Date.now() }
      messages.push([type, full])
      send(type, full, clientId)
    }
    const stopped = new Promise<boolean>((resolve) => {
      running = { job, interrupt: () => resolve(true) }
    })
    tellStatus()
    for (const start of starts.splice(0)) start()
    if (fault === 'socket-lost') for (const socket of sockets.values()) socket.destroy()
    tell('execution_start', {})
    const nodes = upstream(graph, job.outputs[0] ?? '')
    const keyOf = (end: string): string => JSON.stringify(upstream(graph, end).map((node) => [node, graph[node]]))
    const isCached = job.outputs.every((end) => cache.has(keyOf(end)))
    tell('execution_cached', { nodes: isCached ? nodes : [] })
    for (const node of isCached ? [] : nodes) send('executing', { node, display_node: node, prompt_id: id }, clientId)
    send('progress', { value: 1, max: 1, prompt_id: id, node: nodes.at(-2) }, clientId)
    // A preview: event 1, format 2 (PNG), then bytes.
    sockets.get(clientId)?.sendBytes(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 0x89]))
    const late = new Promise<boolean>((resolve) => {
      if (fault !== 'hang') setTimeout(() => resolve(false), workMs)
    })
    const wasInterrupted = (await Promise.race([stopped, late])) || fault === 'interrupted'
    const about = { node_id: nodes.at(-2), node_type: graph[nodes.at(-2) ?? '']?.class_type, executed: [] }
    const outputs: Record<string, unknown> = {}
    if (wasInterrupted) tell('execution_interrupted', about)
    else if (typeof fault === 'object')
      tell('execution_error', { ...about, ...fault, traceback: [], current_inputs: {}, current_outputs: nodes })
    else {
      for (const end of job.outputs) {
        const output = cache.get(keyOf(end)) ?? save(graph, end)
        cache.set(keyOf(end), output)
        outputs[end] = output
      }
      for (const end of job.outputs) {
        send('executed', { node: end, display_node: end, output: outputs[end], prompt_id: id }, clientId)
      }
      tell('execution_success', {})
    }
    const success = Object.keys(outputs).length > 0
    // As in ComfyUI, success is told before history has it; the empty `executing` comes after.
    await new Promise((resolve) => setImmediate(resolve))
    running = undefined
    if (fault !== 'lost') {
      const ends = Object.keys(outputs).map((node) => [
        node,
        { node_id: node, display_node: node, parent_node: null, real_node_id: node },
      ])
      const status = { status_str: success ? 'success' : 'error', completed: success, messages }
      history.set(id, {
        prompt: [job.number, id, graph, {}, job.outputs],
        outputs,
        status,
        meta: Object.fromEntries(ends),
      })
    }
    tellStatus()
    send('executing', { node: null, prompt_id: id }, clientId)
  }

  const save = (graph: Graph, end: string): object => {
    const type = graph[end]?.class_type === 'PreviewImage' ? 'temp' : 'output'
    saved += 1
    const filename = `picture_${String(saved).padStart(5, '0')}_.png`
    files.set(`${type}//${filename}`, compute(random ? unseeded(graph) : graph, end, inputs))
    return { images: [{ filename, subfolder: '', type }] }
  }

  /** What decides its picture has another value each time. */
  const unseeded = (graph: Graph): Graph =>
    Object.fromEntries(
      Object.entries(graph).map(([id, node]) => [id, { ...node, inputs: { ...node.inputs, chance: saved } }]),
    )

  const enqueue = (graph: Graph, outputs: readonly string[], clientId: string, id: string): Job => {
    numbers += 1
    const job = { number: numbers, id, graph, clientId, outputs }
    pending.push(job)
    tellStatus()
    setImmediate(() => void work())
    return job
  }

  const upload = async (request: IncomingMessage, response: ServerResponse, body: Uint8Array): Promise<void> => {
    const type = request.headers['content-type'] ?? ''
    const form = await new Response(Uint8Array.from(body), { headers: { 'content-type': type } }).formData()
    const [file, given] = [form.get('image'), form.get('subfolder')]
    if (file === null || typeof file === 'string') return void response.writeHead(400).end()
    const subfolder = typeof given === 'string' ? given : ''
    const bytes = new Uint8Array(await file.arrayBuffer())
    let { name } = file
    const path = (): string => (subfolder === '' ? name : `${subfolder}/${name}`)
    for (let i = 1; inputs.has(path()) && !Buffer.from(inputs.get(path()) ?? []).equals(bytes); i++) {
      name = file.name.replace(/(\.\w+)?$/, ` (${i})$1`)
    }
    inputs.set(path(), bytes)
    sendJson(response, 200, { name, subfolder, type: 'input' })
  }

  const prompt = (response: ServerResponse, body: Readonly<Record<string, unknown>>): void => {
    const {
      prompt: graph,
      client_id: clientId = '',
      prompt_id: given,
    } = body as {
      readonly prompt?: Graph
      readonly client_id?: string
      readonly prompt_id?: string
    }
    if (graph === undefined) {
      const error = { type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided', extra_info: {} }
      return sendJson(response, 400, { error, node_errors: {} })
    }
    const { outputs, error, nodeErrors } = validate(graph, inputs)
    if (error !== undefined) return sendJson(response, 400, { error, node_errors: nodeErrors })
    graphs.push(graph)
    const job = enqueue(graph, outputs, clientId, old || given === undefined ? randomUUID() : given)
    sendJson(response, 200, { prompt_id: job.id, number: job.number, node_errors: nodeErrors })
  }

  const interrupt = (id: string | undefined): void => {
    if (running === undefined || (!old && id !== undefined && running.job.id !== id)) return
    interrupted.push(running.job.id)
    running.interrupt()
  }

  const rowOf = ({ number, id, graph, outputs }: Job): unknown[] => [number, id, graph, {}, outputs]

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const path = url.pathname.replace(/^\/api(?=\/)/, '')
    const route = `${request.method} ${path.replace(/^\/history\/.+$/, '/history/{id}')}`
    const count = (calls[route] ?? 0) + 1
    calls[route] = count
    const body = await readBody(request)
    if (intercept?.(route, request, response, count) === true) return
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      return sendJson(response, 401, { error: `Incorrect key: ${request.headers.authorization ?? 'none'}` })
    }
    const data = (): Readonly<Record<string, unknown>> => JSON.parse(Buffer.from(body).toString('utf8')) as never
    switch (route) {
      case 'POST /upload/image':
        return upload(request, response, body)
      case 'POST /prompt':
        return prompt(response, data())
      case 'GET /prompt':
        return sendJson(response, 200, {
          exec_info: { queue_remaining: pending.length + (running === undefined ? 0 : 1) },
        })
      case 'GET /history/{id}': {
        const id = decodeURIComponent(path.slice('/history/'.length))
        return sendJson(response, 200, history.has(id) ? { [id]: history.get(id) } : {})
      }
      case 'GET /queue': {
        const rows = running === undefined ? [] : [rowOf(running.job)]
        return sendJson(response, 200, { queue_running: rows, queue_pending: pending.map(rowOf) })
      }
      case 'POST /queue': {
        const ids = (data()['delete'] ?? []) as readonly string[]
        for (const job of pending.filter(({ id }) => ids.includes(id))) {
          pending.splice(pending.indexOf(job), 1)
          deleted.push(job.id)
        }
        return void response.writeHead(200).end()
      }
      case 'POST /interrupt':
        interrupt(data()['prompt_id'] as string | undefined)
        return void response.writeHead(200).end()
      case 'POST /free':
        if (data()['free_memory'] === true) cache.clear()
        return void response.writeHead(200).end()
      case 'GET /view': {
        const [type, folder] = [url.searchParams.get('type') ?? 'output', url.searchParams.get('subfolder') ?? '']
        const bytes = files.get(`${type}/${folder}/${url.searchParams.get('filename') ?? ''}`)
        if (bytes === undefined) return void response.writeHead(404).end()
        return void response.writeHead(200, { 'content-type': 'image/png' }).end(bytes)
      }
      case 'GET /models/checkpoints':
        return sendJson(response, 200, ['stripes.safetensors'])
      case 'GET /models/diffusion_models':
        return sendJson(response, 200, [])
      case 'GET /system_stats':
        return sendJson(response, 200, stats(version))
      default:
        return void response.writeHead(404, { 'content-type': 'application/octet-stream' }).end()
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendJson(response, 500, { error: String(error) }))
  })
  server.on('upgrade', (request, stream) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    calls['GET /ws'] = (calls['GET /ws'] ?? 0) + 1
    const allowed = apiKey === undefined || request.headers.authorization === `Bearer ${apiKey}`
    // Loopback servers refuse pages of other origins; an Origin of our own would be one.
    const { origin } = request.headers
    if (!websocket || !allowed || origin !== undefined || pathname.replace(/^\/api(?=\/)/, '') !== '/ws') {
      stream.end(`HTTP/1.1 ${allowed ? '403 Forbidden' : '401 Unauthorized'}\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    const id = searchParams.get('clientId') ?? randomUUID()
    const socket = acceptWebSocket(request, stream, () => {
      if (sockets.get(id) === socket) sockets.delete(id)
    })
    sockets.set(id, socket)
    socket.sendJson({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid: id } })
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    graphs,
    calls,
    interrupted,
    deleted,
    nextStart: () => new Promise((resolve) => starts.push(resolve)),
    clearInputs: () => inputs.clear(),
    clearOutputs: () => files.clear(),
    addForeignJob: () => enqueue({}, [], 'somebody', randomUUID()).id,
    close: async () => {
      for (const socket of sockets.values()) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Memory changes from call to call: no part of an identity. */
function stats(version: string): unknown {
  const free = Math.floor(Math.random() * 1e9)
  const system = {
    os: 'posix',
    ram_total: 1e11,
    ram_free: free,
    comfyui_version: version,
    python_version: '3.12.3 (main)',
    pytorch_version: '2.8.0+cu128',
    embedded_python: false,
    argv: ['main.py', '--listen'],
  }
  const device = { name: 'cuda:0 NVIDIA', type: 'cuda', index: 0, vram_total: 8e10, vram_free: free }
  return { system, devices: [device] }
}
