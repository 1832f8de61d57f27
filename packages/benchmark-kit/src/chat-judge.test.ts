import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeContext } from '@dda-thinker/testkit'
import { afterEach, expect, test } from 'vitest'
import { ChatJudge } from './chat-judge.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A server that fails for what `isBad` says of a request's body. */
async function judgeOf(isBad: (body: string) => boolean) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [status, answer] = isBad(Buffer.concat(chunks).toString('utf8'))
        ? [500, { error: { message: 'boom' } }]
        : [200, { choices: [{ message: { role: 'assistant', content: 'a ball' }, finish_reason: 'stop' }] }]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoints = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`]
  const impatient = {
    breakerFailures: 1,
    retryDelaySeconds: 0.001,
    breakerSeconds: 0.001,
    giveUpSeconds: 0.05,
    perEndpoint: 8,
  }
  const official = { model: 'judge', maxTokens: 64 }
  return new ChatJudge('benchmark-test', { endpoints, identity: 'config', ...impatient }, official)
}

/** The codes of eight questions at once, 'good' for an answer. */
async function ask(judge: ChatJudge) {
  const context = makeContext()
  await judge.open(context)
  ends.unshift(() => judge.close())
  const asked = Array.from({ length: 8 }, () => judge.ask([{ text: 'a bad one' }], { signal: context.signal }))
  const settled = await Promise.allSettled(asked)
  return settled.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'good'))
}

test('questions that a judge always fails for end in their own failure, and one that fails for everything is down', async () => {
  const eight = (code: string) => Array.from({ length: 8 }, () => code)
  expect(await ask(await judgeOf((body) => body.includes('a bad one')))).toEqual(eight('DDA_ENDPOINT_SERVER'))
  expect(await ask(await judgeOf(() => true))).toEqual(eight('DDA_ENDPOINT_DOWN'))
})

test('it is tried by one question about a made-up picture', async () => {
  const reports = await (await judgeOf(() => false)).diagnose(makeContext())
  expect(reports).toMatchObject([{ notes: expect.arrayContaining([expect.stringContaining('it said "a ball"')]) }])
})
