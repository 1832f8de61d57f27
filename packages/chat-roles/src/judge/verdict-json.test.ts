import { expect, test } from 'vitest'
import { parseVerdicts, verdictSchema } from './verdict-json.ts'

test('reads one answer a question, in the order of the questions', () => {
  const text = '{"2": {"answer": "No"}, "1": {"reason": "it is", "answer": "yes"}}'
  expect(parseVerdicts(text, 2)).toEqual({ answers: [{ answer: 'yes', reason: 'it is' }, { answer: 'no' }] })
  expect(parseVerdicts(`\`\`\`json\n${text}\n\`\`\``, 2)).toHaveProperty('answers')
})

test.each([
  ['', 'empty'],
  ['yes', 'not JSON'],
  ['Sure! {"1": {"answer": "yes"}, "2": {"answer": "yes"}}', 'not JSON'],
  ['{"1": {"answer": "yes"}, "2": {"answer": "y', 'not JSON'],
  ['["yes", "yes"]', 'no JSON object'],
  ['null', 'no JSON object'],
  ['{"1": {"answer": "yes"}}', 'question 2'],
  ['{"1": {"answer": "yes"}, "2": {"answer": "maybe"}}', 'question 2'],
  ['{"1": "yes", "2": "yes"}', 'question 1'],
  ['{"1": {"answer": true}, "2": {"answer": true}}', 'question 1'],
  ['{"1": {"answer": "yes"}, "2": {"answer": "yes"}, "3": {"answer": "yes"}}', 'not asked'],
])('refuses %s', (text, problem) => {
  expect(parseVerdicts(text, 2)).toEqual({ problem: expect.stringContaining(problem) as string })
})

test('the schema leaves no way to skip a question, and has the reason first', () => {
  const schema = verdictSchema(2, true) as { required: unknown; properties: Record<string, { properties: object }> }
  expect(schema).toMatchObject({ required: ['1', '2'], additionalProperties: false })
  expect(Object.keys(schema.properties['1']?.properties ?? {})).toEqual(['reason', 'answer'])
  expect(JSON.stringify(verdictSchema(2, false))).not.toContain('reason')
})

test('a reason may be given a limit', () => {
  expect(JSON.stringify(verdictSchema(1, true))).not.toContain('maxLength')
  expect(verdictSchema(1, true, 200)).toMatchObject({
    properties: { 1: { properties: { reason: { maxLength: 200 } } } },
  })
})

test('blanks inside a fence take no time', () => {
  expect(parseVerdicts(`\`\`\`json\n${' \n'.repeat(500_000)}`, 1)).toHaveProperty('problem')
})
