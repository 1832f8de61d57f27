import { API_VERSION, DdaError, definePlugin, REWARD, Type } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { failures, failuresOf } from './meta.fixture.ts'
import { testPluginOptions } from './plugin-tester.ts'

const options = (additionalProperties: boolean) =>
  Type.Object({ target: Type.Integer({ minimum: 1, default: 40 }) }, { additionalProperties })

const brevity = (additionalProperties = false) =>
  definePlugin({
    name: 'reward-brevity',
    apiVersion: API_VERSION,
    options: options(additionalProperties),
    setup(api, { target }) {
      api.provide(REWARD, () => {
        if (target === 13) throw new DdaError('DDA_UNLUCKY', 'thirteen')
        return {
          fingerprint: `brevity ${target}`,
          decompose: () => ({ total: 0, components: {}, items: [], extras: {} }),
        }
      })
    },
  })

const valid = [{ options: {} }, { options: { target: 3 } }]
const invalid = [
  { options: { target: 0 }, code: 'DDA_CONFIG_INVALID', at: 'target' },
  { options: { taget: 3 }, code: 'DDA_CONFIG_INVALID', at: 'taget' },
  { options: { target: 13 }, code: 'DDA_UNLUCKY' },
]

test('a true table passes', async () => {
  expect(await failures((collect) => testPluginOptions(collect, brevity(), { valid, invalid }))).toEqual([])
})

test.each([
  [
    'a valid case that is refused',
    { valid: [{ options: { target: 0 } }], invalid },
    /takes.*: the schema refuses them: target must be >= 1/,
  ],
  [
    'an invalid case that is taken',
    { valid, invalid: [{ options: { target: 9 }, code: 'DDA_CONFIG_INVALID' }] },
    /refuses.*: .*which the schema takes: setup or what it provides refuses them: expected a DdaError/,
  ],
  ['another code', { valid, invalid: [{ options: { target: 13 }, code: 'DDA_OTHER' }] }, /refuses/],
  [
    'another place',
    { valid, invalid: [{ ...invalid[0], code: 'DDA_CONFIG_INVALID', options: { target: -1 }, at: 'x' }] },
    /refuses.*: nothing is wrong at `x`: target must be >= 1/,
  ],
])('%s fails', async (_, table, name) => {
  const failed = await failuresOf((collect) => testPluginOptions(collect, brevity(), table))
  expect(failed.map(({ name, said }) => `${name}: ${said}`).join('\n')).toMatch(name)
})

test('a schema that takes unknown keys fails', async () => {
  const failed = await failures((collect) =>
    testPluginOptions(collect, brevity(true), { valid, invalid: [invalid[0]!] }),
  )
  expect(failed.join()).toMatch(/refuses unknown keys/)
})

test.each([
  ['duplicate cases', { valid: [...valid, { options: { target: 3 } }], invalid }, /duplicate/],
  ['unknown keys of a case', { valid: [{ options: {}, only: true }], invalid }, /unknown key 'only'/],
  ['an invalid case without a code', { valid, invalid: [{ options: { target: 0 }, code: '' }] }, /which code/],
  ['no cases', { valid: [], invalid }, /at least one/],
])('%s are refused at once', (_, table, message) => {
  expect(() => testPluginOptions(() => undefined, brevity(), table)).toThrow(message)
})
