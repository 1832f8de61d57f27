import { judgedBenchmark, readAnswerFile, writeAnswerFile } from '@dda-thinker/benchmark-kit'
import type { Benchmark, BenchmarkPreset } from '@dda-thinker/plugin-api'
import { loadRise } from './load.ts'
import type { RiseOptions } from './options.ts'
import { PROMPTS } from './prompts.ts'
import { questionsOf } from './questions.ts'
import { REFERENCES } from './references.ts'
import { scoreRise } from './score.ts'

const OFFICIAL: BenchmarkPreset = { model: 'gpt-4.1-2025-04-14', maxTokens: 4096, temperature: 0 }

/**
 * RISE-Bench (arXiv 2504.02826): 360 edits that need temporal, causal, spatial or logical reasoning.
 *
 * @param promptsFolder where a user's prompts are, already resolved
 */
export function riseBenchmark(options: RiseOptions, promptsFolder?: string): Benchmark {
  const { rules, score, parser, judge } = options
  return judgedBenchmark({
    name: 'rise',
    version: 1,
    rules: { rules, score, parser },
    primary: 'accuracy',
    official: OFFICIAL,
    judge,
    prompts: PROMPTS,
    promptsFolder,
    outputTypes: ['image/png', 'image/jpeg'],
    references: REFERENCES,
    load: loadRise,
    questions: questionsOf,
    readAnswers: (results) => readAnswerFile(results),
    writeAnswers: (results, _items, answers) => writeAnswerFile(results, answers),
    score: (items, answers) => scoreRise(items, answers, options),
  })
}
