import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DdaError, EditResult } from '@dda-thinker/plugin-api'
import { makeContext, makePng, seededRandom, withRole } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import type { EditorOptions } from './index.ts'
import { editorAt } from './workflow.fixture.ts'

type Fault = readonly [kind: string, fault: (request: IncomingMessage, response: ServerResponse) => void]

/** Faults by the kind of failure that each must become. */
const FAULTS: readonly Fault[] = [
  ['rate-limit', (_request, response) => response.writeHead(429, { 'retry-after-ms': '1' }).end()],
  ['server', (_request, response) => response.writeHead(500).end('{"error":"out of memory"}')],
  ['connection', (request) => request.socket.resetAndDestroy()],
]
const BAD_ANSWERS: readonly Fault[] = [
  ['bad-output', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
  [
    'connection',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '9999' }).write('{"prompt_id"')
      setImmediate(() => response.socket?.end())
    },
  ],
]

interface Mix {
  /** Of the requests on these routes. */
  readonly share: number
  readonly routes: readonly string[]
  readonly faults: readonly Fault[]
  readonly options?: Partial<EditorOptions>
}

/** Edits through a server of which the given share of answers is faulty; settled results in order, and what was injected. */
async function editAll({ share, routes, faults, options }: Mix) {
  const random = seededRandom(7)
  const injected: Record<string, number> = {}
  const server = await startStandIn({
    intercept: (route, request, response) => {
      if (!routes.includes(route) || random() >= share) return false
      const [kind, fault] = faults[Math.floor(random() * faults.length)] as Fault
      injected[kind] = (injected[kind] ?? 0) + 1
      fault(request, response)
      return true
    },
  })
  const context = makeContext()
  const image = await context.images.put(makePng({ width: 8, height: 8 }))
  const editor = editorAt([server.url], { identity: 'config', perEndpoint: 6, breakerFailures: 1_000_000, ...options })
  const results = await withRole(editor, context, () =>
    Promise.allSettled(
      Array.from({ length: 60 }, (_, seed) =>
        editor.edit({ images: [image], plan: 'Make it blue', seed }, { signal: context.signal }),
      ),
    ),
  )
  await server.close()
  return { injected, results, jobs: server.graphs.length }
}

const bytesOf = (results: readonly PromiseSettledResult<EditResult>[]): string[] =>
  results.map((result) => (result.status === 'fulfilled' ? Buffer.from(result.value.bytes).toString('base64') : ''))

test('without retries every injected fault is one failure of its kind, and nothing else fails', async () => {
  const faults = [...FAULTS, ...BAD_ANSWERS]
  const { injected, results } = await editAll({
    share: 0.5,
    routes: ['POST /prompt'],
    faults,
    options: { attempts: 1 },
  })
  const failed: Record<string, number> = {}
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    const { kind = 'none' } = result.reason as DdaError
    failed[kind] = (failed[kind] ?? 0) + 1
  }
  expect(Object.keys(injected).length).toBe(4)
  expect(failed).toEqual(injected)
})

test('with retries the pictures are those of a server without faults, and each is bought once', async () => {
  const routes = ['POST /upload/image', 'POST /prompt', 'GET /history/{id}', 'GET /queue', 'GET /view']
  const clean = await editAll({ share: 0, routes, faults: FAULTS })
  const options = { attempts: 20 }
  const { injected, results, jobs } = await editAll({ share: 0.2, routes, faults: FAULTS, options })
  expect(Object.keys(injected).length).toBe(3)
  expect(bytesOf(results)).toEqual(bytesOf(clean.results))
  expect(bytesOf(clean.results)).not.toContain('')
  expect([clean.jobs, jobs]).toEqual([60, 60])
})
