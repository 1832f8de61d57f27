import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeContext } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import { editHttpEditor } from './index.ts'

const model = 'stand-in'

test('a server that is ready is reached; one whose workers are not up says so', async () => {
  const [ready, loading] = [await startStandIn(), await startStandIn({ ready: () => false })]
  try {
    const editor = editHttpEditor({ endpoints: [ready.url, loading.url], model })
    expect(await editor.diagnose?.(makeContext())).toMatchObject([
      { url: ready.url, ms: expect.any(Number) },
      { url: loading.url, error: { code: 'DDA_EDITOR_NOT_READY' } },
    ])
  } finally {
    await ready.close()
    await loading.close()
  }
})

test('without a health route any answer shows that the server is there, a refused key excepted', async () => {
  let status = 404
  const server = createServer((_request, response) => void response.writeHead(status).end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const editor = editHttpEditor({ endpoints: [url], model, health: false })
  try {
    const [there] = (await editor.diagnose?.(makeContext())) ?? []
    expect(there?.error).toBeUndefined()
    status = 401
    expect(await editor.diagnose?.(makeContext())).toMatchObject([{ error: { code: 'DDA_ENDPOINT_KEY' } }])
  } finally {
    server.close()
  }
  expect(await editor.diagnose?.(makeContext())).toMatchObject([{ error: { code: 'DDA_ENDPOINT_CONNECTION' } }])
})
