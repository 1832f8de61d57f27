import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadPlugin } from '@dda-thinker/config'
import { startFaultProxy } from '@dda-thinker/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ended, ensureBuilt, startDda, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

let dir = ''
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a stand-in runs until Ctrl-C, says how a configuration names it, and that configuration works', async () => {
  ensureBuilt()
  const child = startDda(dir, ['fake', 'editor', 'openai', '--port', '0', '--json'])
  let said = ''
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()))
  const end = ended(child)
  while (!/endpoints: .*\n/.test(said)) await once(child.stderr as NodeJS.ReadableStream, 'data')
  const block = said.slice(said.indexOf('editor:'))
  writeFileSync(join(dir, 'dda.config.yaml'), block)
  const diagnosis = await ddaHere(dir, 'doctor')
  expect(diagnosis, diagnosis.stderr).toMatchObject({ ok: true })
  expect(diagnosis.data.roles).toHaveLength(1)

  child.kill('SIGINT')
  const { code, stdout } = await end
  expect(code).toBe(0)
  const { data } = JSON.parse(stdout)
  expect(data).toMatchObject({ plugin: 'editor-openai', options: { endpoints: [data.url] } })
})

test.each([
  ['editor', 'openai'],
  ['editor', 'edit-http'],
  ['editor', 'comfyui'],
  ['thinker', 'chat'],
  ['judge', 'vlm'],
] as const)('%s %s brings one, at the address asked for', async (kind, use) => {
  const { plugin } = await loadPlugin({ use, kind, dir })
  const server = await plugin.fake?.({ host: 'localhost', port: 0 })
  const { url, options } = server as NonNullable<typeof server>
  expect(url).toMatch(/^http:\/\/localhost:\d+(\/v1)?$/)
  expect(options).toMatchObject({ endpoints: [url] })
  const answer = await fetch(new URL('/', url))
  expect(answer.status).toBe(404)
  await server?.close()
  await expect(fetch(url)).rejects.toThrow()
})

test.each([
  ['thinker', 'chat'],
  ['judge', 'vlm'],
] as const)('%s %s answers for the model that a configuration names, whose server is not up yet', async (kind, use) => {
  const { plugin } = await loadPlugin({ use, kind, dir })
  const server = await plugin.fake?.({ host: '127.0.0.1', port: 0 })
  const endpoint = `{ use: ${use}, endpoint: "${server?.url}", model: Qwen3-VL-32B-Instruct }`
  writeFileSync(join(dir, 'dda.config.yaml'), kind === 'judge' ? `judge: [${endpoint}]` : `thinker: ${endpoint}`)
  const diagnosis = await ddaHere(dir, 'doctor')
  await server?.close()
  expect(diagnosis, JSON.stringify(diagnosis.data)).toMatchObject({ ok: true })
})

test('what cannot be stood in for, or listened on, is an error with the next step', async () => {
  const fake = async (...args: readonly string[]) => (await ddaHere(dir, 'fake', ...args)).error
  expect(await fake('painter', 'openai')).toMatchObject({
    code: 'DDA_USAGE',
    next: expect.stringContaining('editor, judge'),
  })
  expect(await fake('editor', 'sketch')).toMatchObject({
    code: 'DDA_FAKE',
    message: expect.stringContaining('editor-sketch'),
  })
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  expect(await fake('editor', 'openai', '--port', String(port))).toMatchObject({
    code: 'DDA_FAKE',
    message: expect.stringContaining('EADDRINUSE'),
  })
  taken.close()
  writeFileSync(join(dir, 'dda.config.yaml'), 'editor: { use: sketch }\n')
  expect(await fake('thinker')).toMatchObject({ code: 'DDA_FAKE', next: expect.stringContaining('dda fake thinker') })
  expect(await fake('editor')).toMatchObject({ message: expect.stringContaining('editor-sketch') })
})

test('a proxy passes on what a server says, spoils its share of it, and is refused what it cannot do', async () => {
  const { plugin } = await loadPlugin({ use: 'chat', kind: 'thinker', dir })
  const server = await plugin.fake?.({ host: '127.0.0.1', port: 0 })
  const { url = '' } = server ?? {}
  const outcomes = new Set<string>()
  for (const share of [0, 1 / 7]) {
    const front = await startFaultProxy({ target: url, share })
    expect(front.url.endsWith('/v1')).toBe(true)
    for (let i = 0; i < 24; i++) {
      const body = JSON.stringify({ model: 'stand-in-vlm', seed: i, messages: [{ role: 'user', content: 'plan' }] })
      const asked = fetch(`${front.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(1000),
      })
      const outcome = await asked
        .then(async (answer) => `${answer.status} ${((await answer.json()) as { object?: string }).object}`)
        .catch(String)
      if (share === 0) expect(outcome).toBe('200 chat.completion')
      else outcomes.add(outcome)
    }
    expect(front.exchanges.filter(({ fault }) => fault !== undefined)).toHaveLength(share === 0 ? 0 : 24)
    await front.close()
  }
  expect(outcomes.size).toBeGreaterThan(3)
  await server?.close()
  const refused = async (...args: readonly string[]) => (await ddaHere(dir, 'fake', 'proxy', ...args)).error
  expect(await refused()).toMatchObject({ code: 'DDA_USAGE', next: expect.stringContaining('--to') })
  expect(await refused('--to', url, '--share', '0.5')).toMatchObject({
    code: 'DDA_USAGE',
    next: expect.stringContaining('0.143'),
  })
})
