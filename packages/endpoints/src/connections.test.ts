import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { HttpClient } from './http-client.ts'
import { ImageFetcher } from './image-fetcher.ts'
import { Redactor } from './secrets.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

/** A server, and a proxy that leads every name to it and keeps what it was asked for. */
async function network() {
  const agents: (string | undefined)[] = []
  const origin = await listen(
    createServer((request: IncomingMessage, response) => {
      agents.push(request.headers['user-agent'])
      response.end('origin')
    }),
  )
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('by the proxy itself')
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    const to = connect(origin, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      to.pipe(socket).pipe(to)
    })
    to.on('error', () => socket.destroy())
    socket.on('error', () => to.destroy())
  })
  return { origin, proxy: `127.0.0.1:${await listen(proxy)}`, asked, agents }
}

const signal = new AbortController().signal

async function get(url: string, env: NodeJS.ProcessEnv): Promise<string> {
  const client = new HttpClient({ redactor: new Redactor(), env })
  try {
    const { body } = await client.send({ method: 'GET', url, signal, timeoutMs: 60_000 })
    return Buffer.from(body).toString()
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await client.close()
  }
}

test.each([
  ['HTTP_PROXY', (proxy: string) => ({ HTTP_PROXY: `http://${proxy}` })],
  ['lower case, without a scheme', (proxy: string) => ({ http_proxy: proxy, HTTP_PROXY: 'http://127.0.0.1:1' })],
])('%s: a name of the open internet is asked through the proxy', async (_name, envOf) => {
  const { proxy, asked } = await network()
  await get('http://api.example.com/v1/models', envOf(proxy))
  expect(asked.join()).toContain('api.example.com')
})

test('https goes through a tunnel of HTTPS_PROXY, and of nothing else', async () => {
  const { proxy, asked } = await network()
  // The server behind the tunnel speaks no TLS.
  expect(await get('https://api.example.com/v1', { HTTPS_PROXY: `http://${proxy}` })).toMatch(/^DDA_ENDPOINT_/)
  expect(asked).toEqual(['CONNECT api.example.com:443'])
  await get('https://nowhere.invalid/v1', { HTTP_PROXY: `http://${proxy}` })
  expect(asked).toHaveLength(1)
})

test.each(['http://127.0.0.1', 'http://localhost'])(
  '%s is asked directly, whatever the environment names',
  async (at) => {
    const { origin, proxy, asked, agents } = await network()
    expect(await get(`${at}:${origin}/`, { HTTP_PROXY: `http://${proxy}`, HTTPS_PROXY: `http://${proxy}` })).toBe(
      'origin',
    )
    expect(asked).toEqual([])
    expect(agents).toEqual([expect.stringMatching(/^dda-thinker\/\d+\.\d+\.\d+/)])
  },
)

test.each(['http://10.1.2.3:8000/v1', 'http://gpu-1:8000/v1', 'http://gpu-1.lab.internal/v1', 'http://[fd00::1]/v1'])(
  '%s is of a network of one’s own',
  async (url) => {
    const { Connections } = await import('./connections.ts')
    const connections = new Connections({ env: { HTTP_PROXY: 'http://proxy.example:3128' } })
    expect(connections.mayProxy(url)).toBe(false)
    expect(connections.mayProxy('http://api.example.com/v1')).toBe(true)
    await connections.close()
  },
)

test.each([
  'nowhere.invalid',
  '.nowhere.invalid',
  'a.nowhere.invalid,b.c',
  '*',
  '*.nowhere.invalid',
  'a.nowhere.invalid:80',
])('NO_PROXY=%s', async (noProxy) => {
  const { proxy, asked } = await network()
  const env = { HTTP_PROXY: `http://${proxy}`, NO_PROXY: noProxy }
  expect(await get('http://a.nowhere.invalid/', env)).toBe('DDA_ENDPOINT_CONNECTION')
  expect(asked).toEqual([])
})

test.each(['socks5://127.0.0.1:1080', 'http://', 'me:secret@:3128:1'])('%s is no proxy', (proxy) => {
  const make = (): unknown => new HttpClient({ redactor: new Redactor(), env: { https_proxy: proxy } })
  expect(make).toThrow(
    expect.objectContaining({ code: 'DDA_ENDPOINT_PROXY', message: expect.stringContaining('https_proxy') }),
  )
  expect(make).not.toThrow(/secret/)
})

test('behind a proxy no picture is fetched from the inner network, by number or by name', async () => {
  const { proxy, asked } = await network()
  const fetcher = new ImageFetcher({ redactor: new Redactor(), env: { HTTP_PROXY: `http://${proxy}` } })
  const fetch = (url: string) => fetcher.fetch(url, { signal, base: 'http://api.example.com/v1' })
  for (const url of [
    'http://10.0.0.1/a.png',
    'http://169.254.169.254/latest',
    'http://localhost/a.png',
    'http://gpu-1/a.png',
  ]) {
    await expect(fetch(url)).rejects.toMatchObject({ kind: 'bad-output' })
  }
  expect(asked).toEqual([])
  // Nobody here knows this name; the proxy may.
  await fetch('http://pictures.nowhere.invalid/a.png')
  expect(asked.join()).toContain('pictures.nowhere.invalid')
  await fetcher.close()
})
