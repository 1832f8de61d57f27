import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPrivateAddress } from './address-guard.ts'
import { ImageFetcher } from './image-fetcher.ts'
import { Redactor } from './secrets.ts'

const servers: Server[] = []
const signal = new AbortController().signal
let own = ''
let other = ''
let answer: (request: IncomingMessage, response: ServerResponse) => void
const seen: (string | undefined)[] = []
const fetcher = new ImageFetcher({ redactor: new Redactor(), maxBytes: 100 })

async function start(): Promise<string> {
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  servers.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  own = await start()
  other = await start()
})
afterAll(async () => {
  await fetcher.close()
  for (const server of servers) server.close()
})

const fetchFrom = (url: string): Promise<Uint8Array> =>
  fetcher.fetch(url, { signal, base: `${own}/v1`, headers: { authorization: 'Bearer secret-key' } })
const refusal = expect.objectContaining({ code: 'DDA_ENDPOINT_PRIVATE_ADDRESS', kind: 'bad-output', transient: false })

test('fetches from the endpoint that named the picture, relative URLs too, with the key', async () => {
  answer = (request, response) => void response.end(request.url)
  seen.length = 0
  expect(Buffer.from(await fetchFrom('/v1/images/7/content')).toString()).toBe('/v1/images/7/content')
  expect(Buffer.from(await fetchFrom(`${own}/x`)).toString()).toBe('/x')
  expect(seen).toEqual(['Bearer secret-key', 'Bearer secret-key'])
})

test('calls no other server of the inner network, by number or by name', async () => {
  answer = (_request, response) => void response.end('secret')
  seen.length = 0
  const { port } = new URL(other)
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0']) {
    await expect(fetchFrom(`http://${host}:${port}/`), host).rejects.toEqual(refusal)
  }
  for (const host of ['169.254.169.254', '10.1.2.3', '192.168.0.1', '[fd00::1]', '[fe80::1]']) {
    await expect(fetchFrom(`http://${host}/latest/meta-data`), host).rejects.toEqual(refusal)
  }
  expect(seen).toEqual([])
})

test('checks where redirects lead', async () => {
  answer = (request, response) => {
    if (request.headers.host === new URL(own).host) response.writeHead(302, { location: `${other}/inner` }).end()
    else response.end('secret')
  }
  await expect(fetchFrom('/start')).rejects.toEqual(refusal)
  answer = (_request, response) => void response.writeHead(302, { location: '/again' }).end()
  await expect(fetchFrom('/again')).rejects.toMatchObject({ code: 'DDA_IMAGE_URL' })
})

test('follows to origins that the config allows, without the key', async () => {
  const allowing = new ImageFetcher({ redactor: new Redactor(), allowedOrigins: [`${other}/`] })
  answer = (_request, response) => void response.end('picture')
  seen.length = 0
  const bytes = await allowing.fetch(`${other}/a`, { signal, base: own, headers: { authorization: 'Bearer secret' } })
  expect([Buffer.from(bytes).toString(), seen]).toEqual(['picture', [undefined]])
  await allowing.close()
})

test.each(['file:///etc/passwd', 'ftp://example.com/a.png', 'http://user:pw@example.com/', 'http://'])(
  'refuses %s',
  async (url) => {
    await expect(fetchFrom(url)).rejects.toMatchObject({ code: 'DDA_IMAGE_URL', transient: false })
  },
)

test('a picture that is gone or too large is a bad answer of the server', async () => {
  answer = (_request, response) => void response.writeHead(403).end()
  await expect(fetchFrom('/a')).rejects.toMatchObject({ code: 'DDA_IMAGE_URL', kind: 'bad-output' })
  answer = (_request, response) => void response.end(Buffer.alloc(101))
  await expect(fetchFrom('/a')).rejects.toMatchObject({ code: 'DDA_ENDPOINT_BODY_TOO_LARGE' })
})

test('knows private addresses', () => {
  const inner = [
    '127.9.9.9',
    '100.64.0.1',
    '172.31.0.1',
    '::',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'x',
  ]
  expect(inner.filter((address) => !isPrivateAddress(address))).toEqual([])
  const open = ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '[2606:4700::1111]']
  expect(open.filter(isPrivateAddress)).toEqual([])
})
