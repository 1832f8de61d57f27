import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ended, ensureBuilt, startDda } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { type Folder, ownTinyTabletop } from '../support/tiny-tabletop.ts'

let project: Folder
beforeEach(async () => {
  ensureBuilt()
  project = await ownTinyTabletop()
})
afterEach(() => project.remove())

/** Starts it on a free port and gives its address. */
async function started(env: Record<string, string> = {}) {
  const child = startDda(project.dir, ['serve', '--port', '0', '--name', 'served', '--json'], env)
  let said = ''
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()))
  const end = ended(child)
  while (!said.includes(' is up')) await once(child.stderr as NodeJS.ReadableStream, 'data')
  return { child, end, url: /http:\/\/[^\s/]+/.exec(said)?.[0] ?? '' }
}

test('plans are scored from the configuration, and what was asked is a run', async () => {
  const { child, end, url } = await started()
  const [line = ''] = readFileSync(join(project.dir, 'data/samples.jsonl'), 'utf8').split('\n', 1)
  const { id } = JSON.parse(line) as { id: string }
  const score = async (body: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/v1/score`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const first = await score({ plan: 'turn the banana rotten', sampleId: id, seed: 7 })
  expect(first).toMatchObject({ status: 200, body: { status: 'scored', reward: expect.any(Number), cache: 'none' } })
  const again = await score({ plan: 'turn the banana rotten', sampleId: id, seed: 7 })
  expect(again.body).toMatchObject({ reward: first.body.reward, cache: 'kept' })
  expect(await score({ plan: 'x', sampleId: 'nobody' })).toMatchObject({ status: 404 })

  child.kill('SIGINT')
  const { code, stdout } = await end
  expect(code).toBe(0)
  expect(JSON.parse(stdout).data).toMatchObject({ run: 'served', state: 'finished', rollouts: 2 })
  expect(await ddaHere(project.dir, 'runs', 'show', 'served')).toMatchObject({ ok: true })
})

test('it listens nowhere else without a token', async () => {
  const refused = await ddaHere(project.dir, 'serve', '--host', '0.0.0.0', '--port', '0')
  expect(refused).toMatchObject({ ok: false, error: { code: 'DDA_HTTP_NO_TOKEN', next: expect.any(String) } })
  const { child, end, url } = await started({ DDA_SERVE_TOKEN: 'a-token-of-some-length' })
  expect((await fetch(`${url}/v1/info`)).status).toBe(401)
  const headers = { authorization: 'Bearer a-token-of-some-length' }
  expect((await fetch(`${url}/v1/info`, { headers })).status).toBe(200)
  child.kill('SIGINT')
  const { stdout } = await end
  expect(stdout).not.toContain('a-token-of-some-length')
})
