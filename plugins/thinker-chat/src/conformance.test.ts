import { makePng, testPluginOptions, thinkerSuite } from '@dda-thinker/testkit'
import { afterAll, test } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import plugin, { chatThinker } from './index.ts'
import { MODEL } from './thinker.fixture.ts'

const server = await startStandIn()
afterAll(() => server.close())

thinkerSuite({
  test,
  factory: () => chatThinker({ endpoint: server.url, model: MODEL }),
  inputs: async (images) => {
    const [a, b] = [
      await images.put(makePng({ width: 4, height: 4 })),
      await images.put(makePng({ width: 5, height: 4 })),
    ]
    return [
      { id: 'a', images: [a], instruction: 'Show it a month later.' },
      { id: 'b', images: [b, a], instruction: 'Put both on one table.' },
    ]
  },
})

const base = { endpoint: 'http://gpu-1:8000/v1', model: 'm' }
testPluginOptions(test, plugin, {
  valid: [
    { options: base },
    { options: { model: 'm', endpoints: ['http://gpu-1:8000/v1', 'http://gpu-2:8000/v1'], temperature: 0 } },
    { options: { ...base, tags: { reasoning: null } } },
    { options: { ...base, params: { max_tokens: null, max_completion_tokens: 900, seed: null } } },
  ],
  invalid: [
    { options: { endpoint: base.endpoint }, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { model: 'm' }, code: 'DDA_THINKER_OPTIONS' },
    { options: { ...base, endpoints: [base.endpoint] }, code: 'DDA_THINKER_OPTIONS' },
    { options: { ...base, tags: { reasoning: 'plan', plan: 'plan' } }, code: 'DDA_THINKER_OPTIONS' },
    { options: { ...base, tags: { plan: '<plan>' } }, code: 'DDA_CONFIG_INVALID', at: 'tags.plan' },
    { options: { ...base, params: { seed: 4 } }, code: 'DDA_CHAT_PARAM' },
    { options: { ...base, params: { stream: true } }, code: 'DDA_CHAT_PARAM' },
    { options: { ...base, endpoint: 'ftp://host' }, code: 'DDA_ENDPOINT_URL' },
    { options: { ...base, key: 'sk-x' }, code: 'DDA_CONFIG_INVALID', at: 'key' },
  ],
})
