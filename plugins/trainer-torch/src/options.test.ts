import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { completeThinkerOptions, completeTrainerOptions } from './options.ts'
import { workerSettings } from './settings.ts'

/** What the tests of the Python side take for what this side sends. */
const wire = JSON.parse(readFileSync(new URL('../python/tests/wire_options.json', import.meta.url), 'utf8')) as unknown

test('the worker gets every value, and its own tests take them from one file', () => {
  const sent = workerSettings(completeTrainerOptions({ model: 'model' }))
  const { lora } = workerSettings(completeTrainerOptions({ model: 'model', lora: {} }))
  expect(JSON.parse(JSON.stringify({ options: sent, lora }))).toEqual(wire)
})

test('a frozen policy sends the same names', () => {
  const sent = workerSettings(completeThinkerOptions({ model: 'model', temperature: 0 }))
  expect(Object.keys(sent).toSorted()).toEqual(
    Object.keys(workerSettings(completeTrainerOptions({ model: 'model' }))).toSorted(),
  )
})
