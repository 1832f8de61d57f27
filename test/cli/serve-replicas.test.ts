import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ended, ensureBuilt, startDda } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { purchases } from '../support/records.ts'
import { wireFiles } from '../support/wire-files.ts'
import { startServers } from '../support/wire-project.ts'

/** For processes of a busy machine. */
const TIMEOUT = 300_000
const SAMPLES = 8
const PLANS_EACH = 5
/** Edits at once of a replica. */
const AT_ONCE = 4

async function lab() {
  ensureBuilt()
  const servers = await startServers()
  onTestFinished(() => servers.close())
  const dir = wireFiles(servers, { samples: SAMPLES, atOnce: AT_ONCE })
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  await ddaHere(dir, 'synthesize')
  return { dir, servers }
}

async function replica(dir: string, name: string) {
  const child = startDda(dir, ['serve', '--port', '0', '--name', name, '--json'])
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()))
  const end = ended(child)
  while (!said.includes(' is up')) await once(child.stderr as NodeJS.ReadableStream, 'data')
  return { child, end, url: /http:\/\/[^\s/]+/.exec(said)?.[0] ?? '' }
}

interface Answer {
  readonly status: string
  readonly reward: number
}

const bodies = Array.from({ length: SAMPLES * PLANS_EACH }, (_, index) => {
  const sampleId = `sample-${index % SAMPLES}`
  return { sampleId, plan: `Make ${sampleId} blue, take ${Math.floor(index / SAMPLES)}.` }
})

async function score(url: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/v1/score`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (answer.status !== 200) throw new Error(`${answer.status}`)
  return (await answer.json()) as Answer
}

async function stopped({ child, end }: Awaited<ReturnType<typeof replica>>) {
  child.kill('SIGINT')
  const { code, stdout, stderr } = await end
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout).data as { readonly rollouts: number }
}

/** What servers say of themselves, each replica asks when it starts, and keeps under one key. */
function boughtTwice(dir: string): readonly string[] {
  const facts = new Set<string>()
  for (const name of readdirSync(join(dir, 'data/cache')).filter((one) => one.startsWith('segment-'))) {
    for (const [, key = ''] of readFileSync(join(dir, 'data/cache', name), 'utf8').matchAll(
      /^\{"k":"(\w+)","v":\{"it":/gm,
    ))
      facts.add(key)
  }
  return purchases(dir).boughtTwice.filter((key) => !facts.has(key))
}

test(
  'two replicas that are asked for the same buy every edit and verdict once',
  async () => {
    const { dir, servers } = await lab()
    const replicas = await Promise.all(['one', 'other'].map((name) => replica(dir, name)))
    const answers = await Promise.all(replicas.map(({ url }) => Promise.all(bodies.map((body) => score(url, body)))))
    expect(answers[0]?.every(({ status }) => status === 'scored')).toBe(true)
    expect(answers[0]?.map(({ reward }) => reward)).toEqual(answers[1]?.map(({ reward }) => reward))
    expect(servers.editor.count).toBe(bodies.length)
    for (const one of replicas) expect(await stopped(one)).toMatchObject({ rollouts: bodies.length })
    expect(boughtTwice(dir)).toEqual([])
  },
  TIMEOUT,
)

test(
  'where one of two is killed, callers who try again get every answer, and only what was under way is bought again',
  async () => {
    const { dir, servers } = await lab()
    const [first, second] = await Promise.all([replica(dir, 'first'), replica(dir, 'second')])
    let answered = 0
    const insist = async (body: object, index: number): Promise<Answer> => {
      for (let attempt = index; ; attempt += 1) {
        try {
          const answer = await score((attempt % 2 === 0 ? first : second).url, body)
          answered += 1
          return answer
        } catch {
          await sleep(20)
        }
      }
    }
    const all = Promise.all(bodies.map(insist))
    while (answered < bodies.length / 4) await sleep(1)
    first.child.kill('SIGKILL')
    const answers = await all
    await first.end
    expect(answers.filter(({ status }) => status === 'scored')).toHaveLength(bodies.length)
    expect(servers.editor.count).toBeLessThanOrEqual(bodies.length + 2 * AT_ONCE)
    expect(boughtTwice(dir)).toEqual([])
    await stopped(second)
    // What the dead one answered is on its record, and everything is there for whoever comes next.
    const before = servers.editor.count
    const third = await replica(dir, 'first')
    const again = await Promise.all(bodies.map((body) => score(third.url, body)))
    expect(again.map(({ reward }) => reward)).toEqual(answers.map(({ reward }) => reward))
    expect(servers.editor.count).toBe(before)
    await stopped(third)
  },
  TIMEOUT,
)
