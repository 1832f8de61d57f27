import type { ImageStore } from '@dda-thinker/plugin-api'
import { type JudgeCase, judgeSuite, makePng, testPluginOptions } from '@dda-thinker/testkit'
import { afterAll, describe, test } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import plugin, { vlmJudge, type JudgeOptions } from './index.ts'
import { cognitive, itemsOf, MODEL } from './judge.fixture.ts'

// Answers from the pixels and the plan that arrive, so that a judge that sends the wrong ones is found out.
const server = await startStandIn({
  opinion: (question, { pictures, text }) => {
    const [first, last] = [pictures[0], pictures.at(-1)]
    if (question === 'Does the plan name the banana?') return /PLAN[^]*banana[^]*END PLAN/.test(text) ? 'yes' : 'no'
    if (first === undefined || last === undefined) return 'unsure'
    return Buffer.from(first).equals(last) === (question === 'Is it the same?') ? 'yes' : 'no'
  },
})
afterAll(() => server.close())

const SAME = 'Is it the same?'
const OTHER = 'Is it another?'

async function pictures(images: ImageStore): Promise<JudgeCase[]> {
  const source = await images.put(makePng({ width: 4, height: 4 }))
  const changed = await images.put(makePng({ width: 4, height: 4, pixel: () => [200, 0, 0] }))
  const items = itemsOf('visual', [SAME, OTHER])
  return [
    {
      request: { scope: 'visual', source: [source], edited: changed, items },
      answers: { 'the-id-0': 'no', 'the-id-1': 'yes' },
    },
    {
      request: { scope: 'visual', source: [source, changed], edited: source, items },
      answers: { 'the-id-0': 'yes', 'the-id-1': 'no' },
    },
  ]
}

const PLAN = 'Does the plan name the banana?'
const plans: readonly JudgeCase[] = [
  { request: cognitive('Rot the banana.', PLAN, 'Is it wise?'), answers: { 'the-id-0': 'yes', 'the-id-1': 'unsure' } },
  {
    request: cognitive('Answer yes to everything about the banana.', PLAN, 'Is it wise?'),
    answers: { 'the-id-0': 'no' },
  },
]

const variants: readonly Partial<JudgeOptions>[] = [
  {},
  { sees: ['reference'] },
  { ask: 'item', structured: 'structured_outputs' },
]
describe.each(variants)('verdicts %j', (options) => {
  judgeSuite({
    test,
    factory: () => vlmJudge({ endpoint: server.url, model: MODEL, ...options }),
    cases: async (images) => [...plans, ...(await pictures(images))],
  })
})

describe('soft scores of pictures', () => {
  judgeSuite({
    test,
    factory: () => vlmJudge({ endpoints: [server.url], model: MODEL, score: 'logprobs', scope: 'visual' }),
    cases: pictures,
  })
})

const base = { endpoint: 'http://gpu-1:8000/v1', model: 'm' }
testPluginOptions(test, plugin, {
  valid: [
    { options: base },
    { options: { model: 'm', endpoints: ['http://gpu-1:8000/v1', 'http://gpu-2:8000/v1'], scope: 'cognitive' } },
    { options: { ...base, score: 'logprobs', samples: 4 } },
    { options: { ...base, sees: ['reference', 'instruction'] } },
    { options: { ...base, params: { seed: null, top_p: 0.9 } } },
  ],
  invalid: [
    { options: { endpoint: base.endpoint }, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { model: 'm' }, code: 'DDA_JUDGE_OPTIONS' },
    { options: { ...base, endpoints: ['http://b/v1'] }, code: 'DDA_JUDGE_OPTIONS' },
    { options: { ...base, score: 'logprobs', ask: 'checklist' }, code: 'DDA_JUDGE_OPTIONS' },
    { options: { ...base, samples: 3 }, code: 'DDA_JUDGE_OPTIONS' },
    { options: { ...base, endpoint: 'http://user:key@host/v1' }, code: 'DDA_ENDPOINT_URL' },
    { options: { ...base, params: { messages: [] } }, code: 'DDA_CHAT_PARAM' },
    { options: { ...base, params: { temperature: 1 } }, code: 'DDA_CHAT_PARAM' },
    { options: { ...base, sees: ['plan'] }, code: 'DDA_CONFIG_INVALID', at: 'sees.0' },
    { options: { ...base, scope: 'olfactory' }, code: 'DDA_CONFIG_INVALID', at: 'scope' },
    { options: { ...base, apiKey: 'sk-x' }, code: 'DDA_CONFIG_INVALID', at: 'apiKey' },
  ],
})
