import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Job, Recording, Reply } from './record-server.fixture.ts'
import { acceptWebSocket, type ServerSocket } from './stand-in-websocket.ts'

/** What a real ComfyUI 0.3.64 answered (src/record-server.fixture.ts). */
export const RECORDING = JSON.parse(
  readFileSync(new URL('./comfyui-0.3.64.fixture.json', import.meta.url), 'utf8'),
) as Recording

/** What the next graph that is submitted meets: a recorded job, or a recorded refusal. */
export type Scene = { readonly job: keyof Recording['jobs']; readonly gone?: boolean } | { readonly refused: string }

export interface Replay {
  readonly url: string
  /** Graphs that were submitted. */
  readonly graphs: readonly unknown[]
  close(): Promise<void>
}

/**
 * Answers as the recorded server did, byte for byte but for the ids of jobs: the replies of each route, and for each graph the
 * next scene with its events, its history and its picture.
 */
export async function startReplay(scenes: readonly Scene[]): Promise<Replay> {
  const waiting = [...scenes]
  const graphs: unknown[] = []
  const sockets = new Map<string, ServerSocket>()
  const ended = new Map<string, Job>()
  let gone = false

  const submit = (response: ServerResponse, body: Readonly<Record<string, unknown>>): void => {
    graphs.push(body['prompt'])
    const scene = waiting.shift()
    if (scene === undefined) throw new Error('one graph more than there are scenes')
    if ('refused' in scene) return answer(response, RECORDING.refused[scene.refused])
    const job = RECORDING.jobs[scene.job]
    const given = body['prompt_id']
    const id = typeof given === 'string' ? given : randomUUID()
    gone = scene.gone === true
    answer(response, of(job.submitted, job.id, id))
    setImmediate(() => {
      const [last, ...before] = job.events.toReversed()
      const socket = sockets.get(String(body['client_id']))
      for (const event of before.toReversed()) socket?.sendJson(of(event, job.id, id))
      // History has the job before the last event is told.
      ended.set(id, of(job, job.id, id))
      if (last !== undefined) socket?.sendJson(of(last, job.id, id))
    })
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const route = `${request.method} ${path.slice(1)}`
      if (route === 'POST prompt') {
        submit(response, JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>)
      } else if (route.startsWith('GET history/')) {
        const job = ended.get(path.slice('/history/'.length))
        answer(response, job?.history ?? RECORDING.replies['GET history of an unknown id'])
      } else if (route === 'GET view') {
        const [job] = [...ended.values()].slice(-1)
        answer(response, (gone ? undefined : job?.picture) ?? RECORDING.replies['GET view of no file'])
      } else answer(response, RECORDING.replies[route] ?? RECORDING.replies['GET no such route'])
    })
  })
  server.on('upgrade', (request, stream) => {
    const id = new URL(request.url ?? '/', 'http://replay').searchParams.get('clientId') ?? ''
    sockets.set(
      id,
      acceptWebSocket(request, stream, () => sockets.delete(id)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    graphs,
    close: async () => {
      for (const socket of sockets.values()) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The same with another id of its job. */
function of<T>(recorded: T, id: string, now: string): T {
  return JSON.parse(JSON.stringify(recorded).replaceAll(id, now)) as T
}

function answer(response: ServerResponse, reply: Reply | undefined): void {
  if (reply === undefined) throw new Error('nothing was recorded for this')
  const { status, type, body } = reply
  const text = type === 'application/json' ? JSON.stringify(body) : Buffer.from(String(body), 'base64')
  response.writeHead(status, type === '' ? {} : { 'content-type': type }).end(text)
}
