import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import type { Rollout } from '@dda-thinker/plugin-api'
import { makePng } from '@dda-thinker/testkit'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { ddaHere } from './support/in-process.ts'
import { wireFiles } from './support/wire-files.ts'
import { startServers, wireProject } from './support/wire-project.ts'

/*
 * What comes from outside is refused or redacted, with a code, by the whole product. The parts have tests of their own: pictures
 * in packages/pictures/src, addresses in
 * packages/endpoints/src/image-fetcher.test.ts, keys in packages/endpoints/src/secrets.test.ts.
 */

const SVG = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
const HTML = Buffer.from('<!DOCTYPE html><p>502 Bad Gateway</p>')

/** Some hundred bytes that say they are 3.6 billion pixels. */
function bomb(): Uint8Array {
  const bytes = Buffer.from(makePng({ width: 8, height: 8 }))
  bytes.writeUInt32BE(60_000, 16)
  bytes.writeUInt32BE(60_000, 20)
  // A sound header: it must be refused for its size.
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29)
  return bytes
}

/** Whole by its structure; the pixels are not. */
async function damaged(format: 'jpeg' | 'webp'): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: 3 * 128 * 128 }, (_, i) => (i * 7919 + (i >> 5) * 104_729) % 251)
  const bytes = await sharp(data, { raw: { width: 128, height: 128, channels: 3 } })
    .toFormat(format)
    .toBuffer()
  return bytes.fill(0xff, Math.floor(bytes.length / 3), bytes.length - 2)
}

type Answer = (response: ServerResponse) => unknown

const json =
  (body: unknown): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const picture = (bytes: Uint8Array): Answer => json({ data: [{ b64_json: Buffer.from(bytes).toString('base64') }] })

async function servers(answer?: Answer) {
  const started = await startServers({
    intercept: (_request, response) => {
      answer?.(response)
      return answer !== undefined
    },
  })
  onTestFinished(() => started.close())
  return started
}

/** What an evaluation makes of an Editor's server that always answers so. */
async function rolloutWith(answer: Answer): Promise<Rollout | undefined> {
  const { thinker, editor, judge } = await servers(answer)
  const project = await wireProject(1, {
    thinker: { use: 'chat', endpoint: thinker.url, model: 'stand-in-vlm' },
    editor: { use: 'openai', endpoints: [editor.url], attempts: 1 },
    judge: [{ use: 'vlm', endpoint: judge.url, model: 'stand-in-vlm' }],
  })
  onTestFinished(() => rmSync(project.root, { recursive: true, force: true }))
  const { rollouts } = await project.eval('run')
  return rollouts[0]
}

async function files(samples = 2) {
  const started = await servers()
  const dir = wireFiles(started, { samples, atOnce: 2 })
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return { dir, ...started }
}

/** A project whose synthesizer hands these bytes over as the source picture of its sample. */
async function synthesizeWith(bytes: Uint8Array) {
  const { dir } = await files(1)
  const plugin = join(dir, 'numbered.mjs')
  const png = /const PNG = '[^']*'/
  writeFileSync(
    plugin,
    readFileSync(plugin, 'utf8').replace(png, `const PNG = '${Buffer.from(bytes).toString('base64')}'`),
  )
  return ddaHere(dir, 'synthesize')
}

test.each([
  ['a decompression bomb', bomb(), 'DDA_IMAGE_TOO_LARGE', /60000 × 60000 pixels, allowed are/],
  ['an SVG', SVG, 'DDA_IMAGE_INVALID', /SVG/],
  ['a web page', HTML, 'DDA_IMAGE_INVALID', /web page/],
])('%s as the source picture of a sample is refused before it is stored', async (_what, bytes, code, message) => {
  expect(await synthesizeWith(bytes)).toMatchObject({
    ok: false,
    error: { code, message: expect.stringMatching(message) },
  })
})

test.each([
  ['a decompression bomb', picture(bomb()), 'DDA_IMAGE_TOO_LARGE'],
  [
    'a packed body that would grow a thousandfold',
    (response: ServerResponse) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(50_000_000, ' '))),
    'DDA_ENDPOINT_ENCODING',
  ],
  ['an SVG', picture(SVG), 'DDA_IMAGE_INVALID'],
  [
    'an SVG as a data URL',
    json({ data: [{ url: `data:image/svg+xml;base64,${SVG.toString('base64')}` }] }),
    'DDA_IMAGE_ENCODING',
  ],
  ['a web page', picture(HTML), 'DDA_IMAGE_INVALID'],
  ['a damaged JPEG', picture(await damaged('jpeg')), 'DDA_IMAGE_INVALID'],
  ['a damaged WebP', picture(await damaged('webp')), 'DDA_IMAGE_INVALID'],
  [
    'a picture at the address of a cloud’s metadata',
    json({ data: [{ url: 'http://169.254.169.254/latest/meta-data' }] }),
    'DDA_ENDPOINT_PRIVATE_ADDRESS',
  ],
  ['a picture in a file', json({ data: [{ url: 'file:///etc/passwd' }] }), 'DDA_IMAGE_URL'],
] as const)('%s for an edit masks the rollout, and is no score', async (_what, answer, code) => {
  const rollout = await rolloutWith(answer)
  expect(rollout?.outcome).toMatchObject({ kind: 'masked', failure: { kind: 'bad-output', stage: 'edit', code } })
  expect(rollout).not.toHaveProperty('reward')
  expect(rollout).not.toHaveProperty('edit')
})

test('an edit that came damaged is kept nowhere: the next evaluation asks for it again', async () => {
  const bad = await damaged('jpeg')
  let spoil = true
  let asked = 0
  const { thinker, editor, judge } = await startServers({
    intercept: (request, response) => {
      if (!request.url?.includes('/images/')) return false
      asked += 1
      picture(spoil ? bad : makePng({ width: 8, height: 8 }))(response)
      return true
    },
  })
  onTestFinished(async () => {
    for (const server of [thinker, editor, judge]) await server.close()
  })
  const project = await wireProject(1, {
    thinker: { use: 'chat', endpoint: thinker.url, model: 'stand-in-vlm' },
    editor: { use: 'openai', endpoints: [editor.url], attempts: 1 },
    judge: [{ use: 'vlm', endpoint: judge.url, model: 'stand-in-vlm' }],
  })
  onTestFinished(() => rmSync(project.root, { recursive: true, force: true }))
  const first = await project.eval('first')
  expect(first.rollouts[0]?.outcome).toMatchObject({ kind: 'masked', failure: { code: 'DDA_IMAGE_INVALID' } })
  spoil = false
  const second = await project.eval('second')
  expect(second.rollouts[0]?.outcome.kind).toBe('scored')
  expect(asked).toBe(2)
})

test('a picture at a private address is not even asked for', async () => {
  let asked = 0
  const inner = createServer((_request, response) => {
    asked += 1
    response.end(makePng({ width: 8, height: 8 }))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => inner.once('listening', resolve))
  onTestFinished(() => void inner.close())
  const url = `http://127.0.0.1:${(inner.address() as AddressInfo).port}/edit.png`
  const rollout = await rolloutWith(json({ data: [{ url }] }))
  expect(rollout?.outcome).toMatchObject({ failure: { code: 'DDA_ENDPOINT_PRIVATE_ADDRESS' } })
  expect(asked).toBe(0)
})

const REFERENCE = { hash: 'a'.repeat(64), mediaType: 'image/png', width: 1, height: 1 }

test.each([
  ['a hash that climbs', { ...REFERENCE, hash: '../../../secret' }],
  ['an absolute path', { ...REFERENCE, hash: '/etc/passwd' }],
  ['a media type that climbs', { ...REFERENCE, mediaType: 'image/png/../../../../secret' }],
  ['a reference without a hash', { ...REFERENCE, hash: 7 }],
])('a data set with %s is refused with the line, and nobody is sent anything', async (_what, image) => {
  const { dir, thinker, editor, judge } = await files()
  expect((await ddaHere(dir, 'synthesize')).exitCode).toBe(0)
  writeFileSync(join(dir, 'secret.png'), makePng({ width: 8, height: 8 }))
  const path = join(dir, 'data/samples.jsonl')
  const [first, second = ''] = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(path, `${first}\n${JSON.stringify({ ...JSON.parse(second), images: [image] })}\n`)
  expect(await ddaHere(dir, 'eval', '--thinker', 'thinker')).toMatchObject({
    ok: false,
    error: { code: 'DDA_DATA_CORRUPT', location: `${path}:2:1` },
  })
  expect([thinker.count, editor.count, judge.count]).toEqual([0, 0, 0])
})

test('a key is in no log, no record and no error, also where a server says it back', async () => {
  const key = 'sk-bad-input-0123456789abcdef'
  process.env['BAD_INPUT_KEY'] = key
  onTestFinished(() => void delete process.env['BAD_INPUT_KEY'])
  let refuse = false
  const started = await startServers({
    intercept: (request, response) => {
      const said = `Incorrect API key provided: ${request.headers.authorization}`
      // Sometimes as a fault that masks, at the end as one that stops.
      if (refuse) response.writeHead(401).end(JSON.stringify({ error: { message: said } }))
      else response.writeHead(400, { 'x-said': said }).end(JSON.stringify({ error: { message: said } }))
      return true
    },
  })
  onTestFinished(() => started.close())
  const dir = wireFiles(started, { samples: 3, atOnce: 2 })
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const withKey = ['--set', 'editor.apiKeyEnv=BAD_INPUT_KEY', '--debug']
  const said: string[] = []
  for (const args of [['synthesize'], ['eval', '--thinker', 'thinker', '--name', 'masked']]) {
    said.push(JSON.stringify(await ddaHere(dir, ...args, ...withKey)))
  }
  refuse = true
  const stopped = await ddaHere(dir, 'eval', '--thinker', 'thinker', '--name', 'stopped', ...withKey)
  expect(stopped).toMatchObject({ ok: false, error: { code: 'DDA_ENDPOINT_KEY' } })
  said.push(JSON.stringify(stopped), JSON.stringify(await ddaHere(dir, 'config', 'print', ...withKey)))
  said.push(JSON.stringify(await ddaHere(dir, 'runs', 'show', 'stopped')))
  const records = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('node_modules'))
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
  expect(records.length).toBeGreaterThan(8)
  const everything = [...said, ...records.map((path) => readFileSync(path, 'latin1'))].join('\n')
  // The server's words are there, without the key.
  expect(everything).toContain('Incorrect API key provided')
  expect(everything).not.toContain(key)
  expect(everything).not.toContain(key.slice(0, 12))
})
