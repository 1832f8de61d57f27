import { expect, test } from 'vitest'
import { type Listed, Lookup } from './listed.ts'

/** A list that tells how it was read. */
function watched(keys: readonly string[]) {
  const told = { through: 0, at: 0 }
  const list: Listed<string> = {
    length: keys.length,
    at: (place) => {
      told.at += 1
      return keys[place]
    },
    *[Symbol.iterator]() {
      told.through += 1
      yield* keys
    },
  }
  return { list, told }
}

const KEYS = Array.from({ length: 1000 }, (_, i) => `k${i}`)

test('asked in its order, a list is gone through once and nothing is kept of it', () => {
  const { list, told } = watched(KEYS)
  const lookup = new Lookup(list, (key) => key)
  expect(KEYS.map((key) => lookup.find(key))).toEqual(KEYS.map((value, place) => ({ value, place })))
  expect(told).toEqual({ through: 1, at: 0 })
})

test('gaps are passed over, and what is not there is not there', () => {
  const { list, told } = watched(KEYS)
  const lookup = new Lookup(list, (key) => key)
  for (const [i, key] of KEYS.entries()) if (i % 7 === 3) expect(lookup.get(key)).toBe(key)
  expect(lookup.get('other')).toBeUndefined()
  expect(told).toEqual({ through: 2, at: 0 })
})

test('any other order is answered too', () => {
  const { list } = watched(KEYS)
  const lookup = new Lookup(list, (key) => key)
  const order = KEYS.toSorted((a, b) => a.length - b.length || (a < b ? 1 : -1))
  expect(order.map((key) => lookup.get(key))).toEqual(order)
  expect(order.map((key) => lookup.find(key)?.place)).toEqual(order.map((key) => Number(key.slice(1))))
  expect(new Lookup([] as string[], (key) => key).get('k1')).toBeUndefined()
})

test('of what is asked for in another order, the last values are not read again', () => {
  const { list, told } = watched(KEYS)
  const lookup = new Lookup(list, (key) => key)
  // Groups of eight, two of them in turn, as a service records them; the list was passed by first.
  expect(lookup.get('k999')).toBe('k999')
  for (let group = 0; group < 100; group += 2)
    for (let member = 0; member < 16; member += 1) {
      const key = `k${group * 7 + (member % 2)}`
      expect(lookup.get(key)).toBe(key)
    }
  expect(told).toEqual({ through: 2, at: 101 })
})

test('keys need not be texts', () => {
  const lookup = new Lookup(Int32Array.of(4, -1, 7), (place) => place)
  expect([4, 7, 5, 4].map((place) => lookup.find(place)?.place)).toEqual([0, 2, undefined, 0])
})
