import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { MemoryLog } from '@dda-thinker/testkit'
import { ComfyEvents } from './comfy-events.ts'

test('the handshake says who asks, and carries the headers of the config', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const asked = once(server, 'upgrade') as Promise<[IncomingMessage, { destroy(): void }]>
  const events = new ComfyEvents({ url, clientId: 'a b', headers: { 'x-team': 'blue' }, log: new MemoryLog() })
  const connected = events.connect()
  const [{ headers, url: path }, socket] = await asked
  expect(headers).toMatchObject({ 'user-agent': expect.stringMatching(/^dda-thinker\/\d/), 'x-team': 'blue' })
  expect(path).toBe('/ws?clientId=a%20b')
  socket.destroy()
  expect(await connected).toBe(false)
  await events.close()
  await new Promise((resolve) => server.close(resolve))
})
