import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeContext } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { cognitive, withJudge } from './judge.fixture.ts'

const refuse = (status: number) => (request: IncomingMessage, response: ServerResponse) => {
  if (request.url?.endsWith('/models') === true) return false
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { message: 'Invalid model name passed in model=alias' } }))
  return true
}

test('asks a made-up question of each scope, and shows what came back', () =>
  withJudge({}, {}, async ({ judge, server }) => {
    const before = server.count
    const [report] = (await judge.diagnose?.(makeContext())) ?? []
    expect(report?.error).toBeUndefined()
    expect(report?.notes?.filter((note) => note.startsWith('asked about a made-up'))).toHaveLength(2)
    expect(server.count - before).toBeGreaterThanOrEqual(2)
  }))

test('an alias that the server does not know is its error, although the list of models answers', () =>
  withJudge({ identity: 'config' }, { intercept: refuse(400) }, async ({ judge }) => {
    const [report] = (await judge.diagnose?.(makeContext())) ?? []
    expect(report?.error).toMatchObject({ message: expect.stringContaining('Invalid model name') as string })
  }))

test('a model name that is refused from the start stops the run: no rollout is to blame', () =>
  withJudge({ identity: 'config' }, { intercept: refuse(400) }, async ({ ask }) => {
    const errors: unknown[] = []
    for (const plan of ['one', 'one', 'two', 'three']) {
      errors.push(await ask(cognitive(plan, 'Is it?')).catch((error: unknown) => error))
    }
    const codes = errors.map((error) => (error as { readonly code: string }).code)
    expect(codes).toEqual([...Array.from({ length: 3 }, () => 'DDA_ENDPOINT_REJECTED'), 'DDA_ENDPOINT_REFUSES'])
    expect(errors[3]).toMatchObject({ stopsRun: true })
  }))
