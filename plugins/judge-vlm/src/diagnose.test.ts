import type { IncomingMessage, ServerResponse } from 'node:http'
import { makeContext } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import type { JudgeOptions } from './index.ts'
import { cognitive, withJudge } from './judge.fixture.ts'
import type { StandInOptions } from './stand-in-server.ts'

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
    for (const [plan, question] of Object.entries({ a: 'Is it one?', b: 'Is it one?', c: 'Is it two?', d: 'Is it?' })) {
      errors.push(await ask(cognitive(plan, question)).catch((error: unknown) => error))
    }
    const codes = errors.map((error) => (error as { readonly code: string }).code)
    expect(codes).toEqual([...Array.from({ length: 3 }, () => 'DDA_ENDPOINT_REJECTED'), 'DDA_ENDPOINT_REFUSES'])
    expect(errors[3]).toMatchObject({ stopsRun: true })
  }))

/** A good model writes JSON because the prompt asks for it: that a field changes nothing shows only where the two disagree. */
const freely: StandInOptions = {
  choice: ({ text }) => (text.includes('Greet me') ? { message: { content: 'Hello there!' } } : undefined),
}

test.each<[JudgeOptions['structured'], StandInOptions, RegExp | undefined]>([
  ['guided_json', freely, /ignores structured: guided_json .*Hello there.*structured_outputs/],
  ['json_schema', freely, /ignores structured: json_schema/],
  ['json_object', freely, /ignores structured: json_object/],
  ['structured_outputs', freely, /ignores structured: structured_outputs .*json_schema/],
  // The stand-in does not know the field, as vLLM from 0.12 on: it does no more than what the prompt asks for.
  ['guided_json', {}, /ignores structured: guided_json/],
  ['json_schema', {}, /holds its answers to structured: json_schema/],
  ['structured_outputs', {}, /holds its answers to structured: structured_outputs/],
  ['none', freely, undefined],
])('structured: %s that the server ignores is shown (%#)', (structured, server, shown) =>
  withJudge({ structured }, server, async ({ judge }) => {
    const [report] = (await judge.diagnose?.(makeContext())) ?? []
    expect(report?.error).toBeUndefined()
    const said = report?.notes?.filter((note) => note.includes('structured:')) ?? []
    expect(said).toEqual(shown === undefined ? [] : [expect.stringMatching(shown)])
  }),
)

test('a server that refuses the look is no error: its real questions were answered', () => {
  const server: StandInOptions = {
    intercept: (_request, response, count) => {
      if (count <= 2) return false
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: 'enum of one is not supported' } }))
      return true
    },
  }
  return withJudge({}, server, async ({ judge }) => {
    const [report] = (await judge.diagnose?.(makeContext())) ?? []
    expect(report?.error).toBeUndefined()
    expect(report?.notes?.at(-1)).toMatch(/could not be seen: .*enum of one is not supported/)
  })
})
