import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { makeContext, makePng, MemoryLog, withRole } from '@dda-thinker/testkit'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import { editorAt } from './workflow.fixture.ts'

afterEach(() => vi.unstubAllEnvs())

/** A proxy whose only way leads to the stand-in, whatever name it is asked for, and keeps which those were. */
async function network() {
  const server = await startStandIn()
  onTestFinished(() => server.close())
  const port = Number(new URL(server.url).port)
  const asked: string[] = []
  const proxy = createServer((_request, response) => {
    asked.push('not a tunnel')
    response.writeHead(501).end()
  }).listen(0, '127.0.0.1')
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    const to = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      to.pipe(socket).pipe(to)
    })
    to.on('error', () => socket.destroy())
    socket.on('error', () => to.destroy())
  })
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  return { server, port, asked, proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}

/** Edits once, told of the end by the event socket; with a look at the queue so seldom that nothing else could tell. */
async function editAt(url: string) {
  const log = new MemoryLog()
  const context = makeContext({ log })
  const images = [await context.images.put(makePng({ width: 32, height: 16 }))]
  const { bytes } = await withRole(editorAt([url], { wait: 'websocket', pollSeconds: 600 }), context, (editor) =>
    editor.edit({ images, plan: 'Make it blue', seed: 1 }, { signal: context.signal }),
  )
  expect(bytes.length).toBeGreaterThan(0)
  expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([])
}

test.each(['HTTP_PROXY', 'http_proxy'])('calls and events of a public server go through %s', async (name) => {
  const { server, asked, proxyUrl } = await network()
  vi.stubEnv(name, proxyUrl)
  vi.stubEnv('NO_PROXY', '')
  await editAt('http://comfy.example:8188')
  expect(new Set(asked)).toEqual(new Set(['comfy.example:8188']))
  expect(server.calls['GET /ws']).toBe(1)
})

test('NO_PROXY and networks of one’s own keep calls and events from the proxy', async () => {
  const { server, port, asked, proxyUrl } = await network()
  vi.stubEnv('HTTP_PROXY', proxyUrl)
  await editAt(`http://127.0.0.1:${port}`)
  vi.stubEnv('NO_PROXY', 'localhost,127.0.0.1')
  await editAt(`http://localhost:${port}`)
  expect(asked).toEqual([])
  expect(server.calls['GET /ws']).toBe(2)
})

test('a public server that NO_PROXY names is asked directly, by calls and events', async () => {
  const { asked, proxyUrl } = await network()
  vi.stubEnv('HTTP_PROXY', proxyUrl)
  vi.stubEnv('NO_PROXY', '.invalid')
  const context = makeContext()
  const images = [await context.images.put(makePng({ width: 32, height: 16 }))]
  // Nobody but the proxy knows this name.
  const editor = editorAt(['http://comfy.invalid:8188'], { wait: 'websocket', attempts: 1, giveUpSeconds: 1 })
  const edit = withRole(editor, context, (one) =>
    one.edit({ images, plan: 'Make it blue', seed: 1 }, { signal: context.signal }),
  )
  await expect(edit).rejects.toMatchObject({ code: expect.stringMatching(/^DDA_ENDPOINT_(CONNECTION|DOWN)$/) })
  expect(asked).toEqual([])
})
