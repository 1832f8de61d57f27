import { expect, test } from 'vitest'
import { withoutFence } from './without-fence.ts'

test.each([
  ['```json\n{"a": 1}\n```', '{"a": 1}'],
  [' ```\n{"a":\n1}\n  ```\n', '{"a":\n1}'],
  ['```json  \n\n{}\n\n```', '\n{}'],
  ['{"a": "```"}', '{"a": "```"}'],
  ['Here: ```json\n{}\n```', 'Here: ```json\n{}\n```'],
  ['```yaml\na: 1\n```', '```yaml\na: 1\n```'],
  ['```json\n{}```', '```json\n{}```'],
  ['```json\n{}', '```json\n{}'],
  ['```', '```'],
  ['```\n```', '```\n```'],
  ['', ''],
])('%j', (text, body) => expect(withoutFence(text)).toBe(body))

test.each(['\n', ' ', ' \n', '`', '```\n', 'x'])('time grows with an answer of %j alone', (unit) => {
  const of = (length: number): string => `\`\`\`json\n${unit.repeat(length)}x`
  // Where it grew with the square, this would take hours.
  expect(withoutFence(of(4_000_000))).toHaveLength(of(4_000_000).length)
})
