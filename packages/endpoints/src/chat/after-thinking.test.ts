import { expect, test } from 'vitest'
import { afterThinking } from './after-thinking.ts'

test.each([
  ['<think>a</think>b', '</think>', 'b'],
  ['<think>a</think>b</think>c', '</think>', 'c'],
  ['no thinking', '</think>', 'no thinking'],
  ['ends in it</think>', '</think>', ''],
  ['a</think>b', undefined, 'a</think>b'],
])('of %j, after %j, it is %j', (text, marker, answer) => {
  expect(afterThinking(text, marker)).toBe(answer)
})
