import { judgedBenchmark, readAnswerFile, writeAnswerFile } from '@dda-thinker/benchmark-kit'
import type { Benchmark, BenchmarkPreset } from '@dda-thinker/plugin-api'
import { loadUniredit } from './load.ts'
import type { UnireditOptions } from './options.ts'
import { PROMPTS } from './prompts.ts'
import { questionsOf } from './questions.ts'
import { REFERENCES } from './references.ts'
import { scoreUniredit } from './score.ts'

const OFFICIAL: BenchmarkPreset = { model: 'gpt-4.1-2025-04-14', maxTokens: 4096, temperature: 0 }

/**
 * UniREditBench (arXiv 2511.01295): 2,700 edits of real and game worlds with a reference picture each.
 *
 * @param promptsFolder where a user's prompts are, already resolved
 */
export function unireditBenchmark(options: UnireditOptions, promptsFolder?: string): Benchmark {
  const { unusable, parser, judge } = options
  return judgedBenchmark({
    name: 'uniredit',
    version: 1,
    rules: { unusable, parser },
    primary: 'accuracy',
    official: OFFICIAL,
    judge,
    prompts: PROMPTS,
    promptsFolder,
    outputTypes: ['image/png'],
    references: REFERENCES,
    load: loadUniredit,
    questions: questionsOf,
    readAnswers: (results) => readAnswerFile(results),
    writeAnswers: (results, _items, answers) => writeAnswerFile(results, answers),
    score: (items, answers) => scoreUniredit(items, answers, options),
  })
}
