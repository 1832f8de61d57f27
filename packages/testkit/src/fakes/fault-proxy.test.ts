import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startFaultProxy } from './fault-proxy.ts'

test('a server that is away resets the connection', async () => {
  const proxy = await startFaultProxy({ target: 'http://127.0.0.1:1/v1', share: 0 })
  onTestFinished(() => proxy.close())
  await expect(fetch(proxy.url, { method: 'POST', body: 'x' })).rejects.toThrow()
  expect(proxy.exchanges).toMatchObject([{ attempt: 1, fault: 'reset' }])
})

test('an answer that the caller does not wait for is a hang, whoever makes it late', async () => {
  let asked = 0
  const silent = createServer(() => void (asked += 1)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const target = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`
  const proxy = await startFaultProxy({ target, share: 0 })
  onTestFinished(async () => {
    silent.closeAllConnections()
    silent.close()
    await proxy.close()
  })
  const caller = new AbortController()
  const call = fetch(proxy.url, { method: 'POST', body: 'x', signal: caller.signal })
  await vi.waitFor(() => expect(asked).toBe(1), 60_000)
  expect(proxy.exchanges[0]?.fault).toBeUndefined()
  caller.abort()
  await expect(call).rejects.toThrow()
  await vi.waitFor(() => expect(proxy.exchanges[0]?.fault).toBe('hang'), 60_000)
})
