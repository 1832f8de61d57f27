import { inputOf, makeSample, planAll, requestsFor, testPluginOptions, thinkerSuite } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin, { passThrough } from './index.ts'

const inputs = ['Show it a month later.', 'What is left after the rain?'].map((instruction, index) =>
  inputOf(makeSample({ id: `sample-${index}`, instruction })),
)

thinkerSuite({ test, factory: passThrough, inputs: async () => inputs })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }],
  invalid: [{ options: { model: 'x' }, code: 'DDA_CONFIG_INVALID', at: 'model' }],
})

test('the plan is the instruction and nothing else', async () => {
  const plans = await planAll(passThrough(), requestsFor(inputs, 1))
  const [plan] = [...plans.values()]
  expect(plan).toMatchObject({
    text: 'Show it a month later.',
    executable: 'Show it a month later.',
    reasoning: '',
    format: { ok: true },
    policyVersion: 0,
  })
  expect(plan).not.toHaveProperty('tokens')
})
