import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { officialDualScores, officialScore } from './official-parser.ts'
import { strictScore } from './strict-parser.ts'

/** What the official extractors gave for each text; the file says which version, and when. */
const recorded = JSON.parse(readFileSync(new URL('official-parser.fixture.json', import.meta.url), 'utf8')) as {
  readonly single: readonly (readonly [string, number | null, number | null])[]
  readonly joint: readonly (readonly [string, number | null, number | null])[]
}

test.each(recorded.single)('reads %j as metrics_common and metrics_knowledge do', (text, common, knowledge) => {
  expect(officialScore(text, 'consistency', 'metrics_common') ?? null).toBe(common)
  expect(officialScore(text, 'consistency', 'metrics_knowledge') ?? null).toBe(knowledge)
})

test.each(recorded.joint)('reads both scores of %j', (text, instruction, knowledge) => {
  expect(officialDualScores(text)).toEqual({
    instruction: instruction ?? undefined,
    knowledge: knowledge ?? undefined,
  })
})

describe('strict', () => {
  test.each([
    ['{"consistency_score": 4, "reasoning": "x"}', 4],
    ['```json\n{"reasoning": "a", "consistency_score": "2"}\n```', 2],
    ['{"consistency_score": 4} and again {"consistency_score": 4}', 4],
  ])('reads %j', (text, score) => expect(strictScore(text, 'consistency')).toEqual({ score }))

  test.each([
    '{"consistency_score": 4.5}',
    '{"consistency_score": 7}',
    '{"consistency_score": 0}',
    '{"consistency_score": true}',
    '{"consistency_score": null, "reasoning": "only 1 image"}',
    'I am sorry, I cannot compare the 2 images.',
    '{"reasoning": "2 cups moved", "consistency_score": 5',
    '{"reasoning": "the consistency_score is 3"}',
    '{"consistency_score": 4} {"consistency_score": 2}',
    '3/5',
    '',
  ])('refuses %j', (text) => expect(strictScore(text, 'consistency')).toHaveProperty('why'))
})
