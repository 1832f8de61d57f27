import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DdaError, EditResult } from '@dda-thinker/plugin-api'
import { makeContext, makePng, seededRandom, withRole } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import { type EditorOptions, openAiEditor } from './index.ts'

const PNG = Buffer.from(makePng({ width: 8, height: 8 }))
const CORRUPT = Buffer.from(PNG.map((byte, i) => (i === 45 ? byte ^ 0xff : byte))).toString('base64')

/** Faults by the kind of failure that each must become. */
const FAULTS: readonly [kind: string, fault: (request: IncomingMessage, response: ServerResponse) => void][] = [
  ['rate-limit', (_request, response) => response.writeHead(429, { 'retry-after-ms': '1' }).end()],
  ['server', (_request, response) => response.writeHead(500).end('{"detail":"out of memory"}')],
  ['connection', (request) => request.socket.resetAndDestroy()],
  ['bad-output', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
  [
    'bad-output',
    (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"data":[{"b64_json":"${CORRUPT}"}]}`),
  ],
  [
    'connection',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '9999' }).write('{"data"')
      setImmediate(() => response.socket?.end())
    },
  ],
]

/** Edits through a server of which the given share of answers is faulty; settled results in order, and what was injected. */
async function editAll(share: number, options: Partial<EditorOptions>, faults = FAULTS) {
  const random = seededRandom(7)
  const injected: Record<string, number> = {}
  const server = await startStandIn({
    intercept: (request, response) => {
      if (random() >= share) return false
      const [kind, fault] = faults[Math.floor(random() * faults.length)] as (typeof FAULTS)[number]
      injected[kind] = (injected[kind] ?? 0) + 1
      fault(request, response)
      return true
    },
  })
  const context = makeContext()
  const image = await context.images.put(PNG)
  const editor = openAiEditor({ endpoints: [server.url], perEndpoint: 6, breakerFailures: 1_000_000, ...options })
  const results = await withRole(editor, context, () =>
    Promise.allSettled(
      Array.from({ length: 90 }, (_, seed) =>
        editor.edit({ images: [image], plan: 'Make it blue', seed }, { signal: context.signal }),
      ),
    ),
  )
  await server.close()
  return { injected, results, calls: server.count }
}

const bytesOf = (results: readonly PromiseSettledResult<EditResult>[]): string[] =>
  results.map((result) => (result.status === 'fulfilled' ? Buffer.from(result.value.bytes).toString('base64') : ''))

test('without retries every injected fault is one failure of its kind, and nothing else fails', async () => {
  const { injected, results } = await editAll(0.6, { attempts: 1 })
  const failed: Record<string, number> = {}
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    const { kind = 'none' } = result.reason as DdaError
    failed[kind] = (failed[kind] ?? 0) + 1
  }
  expect(Object.keys(injected).length).toBe(4)
  expect(failed).toEqual(injected)
})

test('with retries the pictures are those of a server without faults', async () => {
  const clean = await editAll(0, {})
  // Bad answers are left out: they are repeated only once, however many attempts there are.
  const faults = FAULTS.filter(([kind]) => kind !== 'bad-output')
  const { injected, results, calls } = await editAll(0.3, { attempts: 20, retryDelaySeconds: 0.001 }, faults)
  expect(calls).toBe(90 + Object.values(injected).reduce((sum, count) => sum + count, 0))
  expect(bytesOf(results)).toEqual(bytesOf(clean.results))
  expect(bytesOf(clean.results)).not.toContain('')
})
