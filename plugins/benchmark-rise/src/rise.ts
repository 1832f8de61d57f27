import {
  loadPrompts,
  promptsFingerprint,
  readAnswerFile,
  writeAnswerFile,
  type Prompts,
} from '@dda-thinker/benchmark-kit'
import type { Benchmark } from '@dda-thinker/plugin-api'
import { loadRise } from './load.ts'
import type { RiseOptions } from './options.ts'
import { PROMPTS } from './prompts.ts'
import { questionsOf } from './questions.ts'
import { REFERENCES } from './references.ts'
import { scoreRise } from './score.ts'

/**
 * RISE-Bench (arXiv 2504.02826): 360 edits that need temporal, causal, spatial or logical reasoning.
 *
 * @param promptsFolder where a user's prompts are, already resolved
 */
export function riseBenchmark(options: RiseOptions, promptsFolder?: string): Benchmark {
  let prompts: Prompts = PROMPTS
  const rules = { rules: options.rules, score: options.score, parser: options.parser }
  return {
    name: 'rise',
    get fingerprint() {
      return `benchmark-rise@1 ${JSON.stringify({ ...rules, prompts: promptsFingerprint(prompts) })}`
    },
    rules,
    primary: 'accuracy',
    official: { model: 'gpt-4.1-2025-04-14', maxTokens: 4096, temperature: 0 },
    outputTypes: ['image/png', 'image/jpeg'],
    references: REFERENCES,
    async open() {
      prompts = await loadPrompts(PROMPTS, promptsFolder)
    },
    load: loadRise,
    questions: (item) => questionsOf(item, prompts),
    readAnswers: (results) => readAnswerFile(results),
    writeAnswers: (results, _items, answers) => writeAnswerFile(results, answers),
    score: (items, answers) => scoreRise(items, answers, options),
  }
}
