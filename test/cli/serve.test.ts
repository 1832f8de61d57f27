import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execa, execaSync } from 'execa'
import { ended, ensureBuilt, root, startDda } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { type Folder, ownTinyTabletop } from '../support/tiny-tabletop.ts'

/** One that the client runs on, where there is one. */
const python = ['python3', 'python'].find(
  (name) =>
    execaSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], { reject: false }).exitCode === 0,
)

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
  // The next session adds to what the run has.
  const next = await started()
  expect((await fetch(`${next.url}/v1/info`)).status).toBe(200)
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ plan: 'turn the banana rotten', sampleId: id })
  expect((await fetch(`${next.url}/v1/score`, { method: 'POST', headers, body })).status).toBe(200)
  next.child.kill('SIGINT')
  expect((await next.end).code).toBe(0)
  const shown = await ddaHere(project.dir, 'runs', 'show', 'served')
  expect(shown).toMatchObject({ ok: true, data: { scores: { served: { counted: 3, masked: 0 } } } })
  const report = await ddaHere(project.dir, 'report', 'served')
  expect(report).toMatchObject({ ok: true, data: { evaluation: 'served', training: null } })
  expect(readFileSync(join(project.dir, 'report/report.html'), 'utf8')).toContain('turn the banana rotten')
})

test.skipIf(python === undefined)('the Python client reads what it says', async () => {
  const { child, end, url } = await started()
  const [line = ''] = readFileSync(join(project.dir, 'data/samples.jsonl'), 'utf8').split('\n', 1)
  const { id } = JSON.parse(line) as { id: string }
  const code = `
import json, sys
from dda_reward import RewardClient
client = RewardClient()
score = client.score("<look>a</look><plan>turn the banana rotten</plan>", sys.argv[1], seed=7)
gated = client.score("no plan at all", sys.argv[1])
print(json.dumps({"reward": score.reward, "streams": dict(score.streams), "status": [score.status, gated.status]}))
try:
    client.score("x", "nobody")
except Exception as error:
    print(type(error).__name__, error.code)
`
  const env = { ...process.env, PYTHONPATH: join(root, 'python/dda-reward'), DDA_REWARD_URL: url }
  const { stdout, stderr } = await execa(python ?? '', ['-c', code, id], { env, reject: false })
  const [answer = '', refusal] = stdout.split('\n')
  expect(stderr).toBe('')
  const { reward, streams, status } = JSON.parse(answer)
  expect(status).toEqual(['scored', 'gated'])
  const sum = Object.values(streams as Record<string, number>).reduce((total, part) => total + part, 0)
  expect(sum).toBeCloseTo(reward, 9)
  expect(refusal).toBe('RewardServiceError DDA_SCORE_SAMPLE_UNKNOWN')
  child.kill('SIGINT')
  expect((await end).code).toBe(0)
})

test('told to end it scores the jobs that it has taken', async () => {
  const { child, end, url } = await started()
  const [line = ''] = readFileSync(join(project.dir, 'data/samples.jsonl'), 'utf8').split('\n', 1)
  const { id } = JSON.parse(line) as { id: string }
  const headers = { 'content-type': 'application/json' }
  const jobs = Array.from({ length: 40 }, async (_, n) => {
    const body = JSON.stringify({ completion: `<look>${n}</look><plan>turn the banana rotten</plan>`, sampleId: id })
    return (await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body })).status
  })
  expect(new Set(await Promise.all(jobs))).toEqual(new Set([202]))
  child.kill('SIGTERM')
  const { code, stdout } = await end
  expect(code).toBe(0)
  expect(JSON.parse(stdout).data).toMatchObject({ state: 'finished', rollouts: 40 })
})

test('a number that cannot be meant is a usage error', async () => {
  for (const given of [
    ['--port', '99999'],
    ['--deadline', '0'],
  ])
    expect(await ddaHere(project.dir, 'serve', ...given)).toMatchObject({ exitCode: 2, error: { code: 'DDA_USAGE' } })
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

test('where the port is taken it says so, and makes no run', async () => {
  const other = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const refused = await ddaHere(project.dir, 'serve', '--port', String(port), '--name', 'taken')
  expect(refused).toMatchObject({ ok: false, error: { code: 'DDA_HTTP_ADDRESS' } })
  expect(existsSync(join(project.dir, 'runs/taken'))).toBe(false)
  other.close()
  await once(other, 'close')
})
