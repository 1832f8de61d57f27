import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { withDefaults } from './with-defaults.ts'

const schema = Type.Object({
  rate: Type.Number({ default: 0.1 }),
  name: Type.Optional(Type.String()),
  weights: Type.Record(Type.String(), Type.Number(), { default: {} }),
  inner: Type.Object(
    { steps: Type.Integer({ default: 3 }), kind: Type.String({ default: 'cosine' }) },
    { default: {} },
  ),
  adapter: Type.Union([Type.Object({ rank: Type.Integer({ default: 8 }) }), Type.Null()], { default: null }),
})

interface Options {
  readonly rate: number
  readonly name?: string
  readonly weights: Readonly<Record<string, number>>
  readonly inner: { readonly steps: number; readonly kind: string }
  readonly adapter: { readonly rank: number } | null
}

test('defaults fill what is missing, within groups too, and change nothing that is given', () => {
  const given = Object.freeze({ rate: 0, inner: Object.freeze({ steps: 7 }) })
  expect(withDefaults<Options>(schema, given)).toEqual({
    rate: 0,
    weights: {},
    inner: { steps: 7, kind: 'cosine' },
    adapter: null,
  })
  expect(withDefaults<Options>(schema, { adapter: {} }).adapter).toEqual({ rank: 8 })
})

test('no two results share a default', () => {
  const [one, two] = [withDefaults<Options>(schema, {}), withDefaults<Options>(schema, {})]
  expect(one).toEqual({ rate: 0.1, weights: {}, inner: { steps: 3, kind: 'cosine' }, adapter: null })
  expect(one.weights).not.toBe(two.weights)
  expect(one.inner).not.toBe(two.inner)
})
