import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { configSchema } from './config-schema.ts'

const plugin = definePlugin({
  name: 'editor-test',
  apiVersion: API_VERSION,
  options: Type.Object({ model: Type.String(), steps: Type.Integer({ default: 1 }) }, { additionalProperties: false }),
  setup() {},
})

test("the schema takes what a config file may say, and checks options by the block's plugin", () => {
  const schema = configSchema([{ use: 'test', kind: 'editor', plugin }])
  const check = new Ajv({ strict: false }).compile(schema)
  const takes = (config: object) => check(config)
  expect(
    takes({ $schema: 'x', 'x-mine': 1, extends: ['a'], editor: { use: 'test', steps: 2 }, train: { steps: 3 } }),
  ).toBe(true)
  expect(takes({ editor: { model: 'a preset names the plugin' } })).toBe(true)
  expect(takes({ editor: { use: 'unknown', anything: 1 } })).toBe(true)
  expect(takes({ judge: [{ use: 'unknown', anything: 1 }] })).toBe(true)
  expect(takes({ editor: { use: 'test', stesp: 2 } })).toBe(false)
  expect(takes({ judge: [{ scope: 'visual' }] })).toBe(false)
  expect(takes({ train: { stesp: 2 } })).toBe(false)
  expect(takes({ trian: {} })).toBe(false)
})

test('it is plain JSON', () => {
  const schema = configSchema([{ use: 'test', kind: 'editor', plugin }])
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
})
