import type { ImageStore, JudgeRequest } from '@dda-thinker/plugin-api'
import {
  collect,
  type JudgeCase,
  judgeSuite,
  makeContext,
  makePng,
  testPluginOptions,
  thinkerSuite,
} from '@dda-thinker/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { aiSdkJudge, aiSdkThinker, judge as judgePlugin, thinker as thinkerPlugin } from './index.ts'
import { KEY, providersAt, type Seen, startWire, type WireOptions } from './wire.fixture.ts'

const FROM = import.meta.url
const PLAN = 'Does the plan name the banana?'
const SAME = 'Is it the same picture?'
const NAMES = ['openai', 'anthropic', 'google'] as const

/** Pictures that arrived, as base64, wherever a provider puts them. */
function picturesIn(seen: Seen): readonly string[] {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && /^(?:data:image\/png;base64,)?iVBORw0KGgo/.test(value))
      found.push(value.replace(/^data:image\/png;base64,/, ''))
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) walk(one)
  }
  walk(seen.body)
  return found
}

/** Answers from the pixels and the plan that arrive, so that a judge that sends the wrong ones is found out. */
function opinion(seen: Seen): string {
  const pictures = picturesIn(seen)
  const all = JSON.stringify(seen.body)
  if (all.includes('Instruction: '))
    return `<look>I see ${pictures.length}.</look><plan>Change the picture of ${pictures[0]?.length}.</plan>`
  const said = all.includes(PLAN)
    ? /<<<PLAN[^]*banana[^]*END PLAN/.test(all)
    : pictures[0] !== undefined && pictures[0] === pictures.at(-1)
  const asked = ['1', '2'].filter((number) => all.includes(`\\n${number}. `))
  const answers = asked.map((number) => [number, { reason: 'seen', answer: said === (number === '1') ? 'yes' : 'no' }])
  return JSON.stringify(Object.fromEntries(answers))
}

const server = await startWire({ text: opinion })
afterAll(() => server.close())
const at = providersAt(server.url)

const visual = (source: JudgeRequest & { scope: 'visual' }): JudgeRequest => source

async function cases(images: ImageStore): Promise<readonly JudgeCase[]> {
  const source = await images.put(makePng({ width: 4, height: 4 }))
  const other = await images.put(makePng({ width: 4, height: 4, pixel: () => [200, 0, 0] }))
  // The second question is the opposite of the first.
  const item = (scope: 'visual' | 'cognitive', question: string) => [
    { id: 'a', scope, question, expected: 'yes' as const },
    { id: 'b', scope, question: 'Is it otherwise?', expected: 'no' as const },
  ]
  const about = (plan: string): JudgeRequest => ({
    scope: 'cognitive',
    instruction: 'Show it a month later.',
    plan,
    items: item('cognitive', PLAN),
  })
  return [
    {
      request: visual({ scope: 'visual', source: [source], edited: other, items: item('visual', SAME) }),
      answers: { a: 'no', b: 'yes' },
    },
    {
      request: visual({ scope: 'visual', source: [source], edited: source, items: item('visual', SAME) }),
      answers: { a: 'yes', b: 'no' },
    },
    { request: about('Rot the banana.'), answers: { a: 'yes', b: 'no' } },
    { request: about('Rot the cup.'), answers: { a: 'no', b: 'yes' } },
  ]
}

describe.each(NAMES)('judge of %s', (name) => {
  judgeSuite({ test, factory: () => aiSdkJudge(at[name], FROM), cases })
})

describe.each(NAMES)('thinker of %s', (name) => {
  thinkerSuite({
    test,
    factory: () => aiSdkThinker(at[name], FROM),
    inputs: async (images) => [
      { id: 'a', images: [await images.put(makePng({ width: 4, height: 4 }))], instruction: 'Show it a month later.' },
      { id: 'b', images: [await images.put(makePng({ width: 5, height: 4 }))], instruction: 'Rot it.' },
    ],
  })
})

async function plan(wireOptions: WireOptions, name: (typeof NAMES)[number], given = {}) {
  const wire = await startWire(wireOptions)
  const context = makeContext()
  const thinker = aiSdkThinker({ ...providersAt(wire.url)[name], attempts: 2, ...given }, FROM)
  const image = await context.images.put(makePng({ width: 4, height: 4 }))
  const input = { id: 's', images: [image], instruction: 'Rot it.' }
  try {
    await thinker.open?.(context)
    const [result] = await collect(thinker.plan([{ id: 'p', input, seed: 3 }], { signal: context.signal }))
    return { result, seen: wire.seen }
  } finally {
    await thinker.close?.()
    await wire.close()
  }
}

test.each(NAMES)('%s: the key goes along, and an error that says it back does not show it', async (name) => {
  const { result, seen } = await plan(
    {
      intercept: (one, response) => {
        const message = `no such key: ${JSON.stringify(one.headers)}`
        response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }))
        return true
      },
    },
    name,
  )
  expect(JSON.stringify(seen[0]?.headers)).toContain(KEY)
  // The SDK says what it is, and we who asks.
  expect(seen[0]?.headers['user-agent']).toMatch(/^ai\/\d.* dda-thinker\/\d/)
  const { error } = result as { error: Error }
  expect(error).toMatchObject({ code: 'DDA_ENDPOINT_KEY', kind: 'unavailable' })
  expect(error.message).not.toContain(KEY)
})

test('a content filter is a refusal, and an overloaded service is tried again by us alone', async () => {
  const filtered = (_: Seen, response: Parameters<NonNullable<WireOptions['intercept']>>[1]): boolean => {
    const body = {
      candidates: [{ content: { parts: [{ text: 'no' }] }, finishReason: 'SAFETY', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    return true
  }
  expect((await plan({ intercept: filtered }, 'google')).result).toMatchObject({
    error: { code: 'DDA_CHAT_REFUSED', kind: 'refusal' },
  })
  const busy: WireOptions = {
    text: opinion,
    intercept: (_, response, count) => {
      if (count > 1) return false
      const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
      response.writeHead(529, { 'content-type': 'application/json' }).end(JSON.stringify(error))
      return true
    },
  }
  const again = await plan(busy, 'anthropic')
  expect(again.result).toMatchObject({ plan: { format: { ok: true } } })
  expect(again.seen).toHaveLength(2)
})

test('the judge asks for its schema, and gives up on answers that nobody can read', async () => {
  const wire = await startWire({ text: () => 'Yes, surely!' })
  const context = makeContext()
  const judge = aiSdkJudge({ ...providersAt(wire.url).openai, answerAttempts: 2 }, FROM)
  const [request] = await cases(context.images)
  try {
    await judge.open?.(context)
    const asked = judge.judge(request!.request, { signal: context.signal })
    await expect(asked).rejects.toMatchObject({ code: 'DDA_JUDGE_UNPARSABLE', kind: 'bad-output' })
    expect(wire.seen).toHaveLength(2)
    expect(wire.seen[0]?.body).toMatchObject({ text: { format: { type: 'json_schema' } } })
  } finally {
    await judge.close?.()
    await wire.close()
  }
})

const base = { provider: '@ai-sdk/openai', model: 'm' }
testPluginOptions(test, thinkerPlugin, {
  valid: [{ options: base }, { options: { ...base, tags: { reasoning: null } } }],
  invalid: [
    { options: { ...base, tags: { reasoning: 'plan', plan: 'plan' } }, code: 'DDA_AI_SDK_OPTIONS' },
    { options: { ...base, options: { headers: { Authorization: 'Bearer x' } } }, code: 'DDA_AI_SDK_OPTIONS' },
  ],
})
testPluginOptions(test, judgePlugin, {
  valid: [{ options: base }, { options: { ...base, scope: 'visual', sees: ['reference'] } }],
  invalid: [
    { options: { ...base, samples: 3 }, code: 'DDA_AI_SDK_OPTIONS' },
    { options: { ...base, scope: 'olfactory' }, code: 'DDA_CONFIG_INVALID', at: 'scope' },
  ],
})
