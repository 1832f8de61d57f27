import { judgedBenchmark } from '@dda-thinker/benchmark-kit'
import type { Benchmark, BenchmarkPreset } from '@dda-thinker/plugin-api'
import { loadKris } from './load.ts'
import { readMetrics, writeMetrics } from './metrics-files.ts'
import type { KrisOptions } from './options.ts'
import { PROMPTS } from './prompts.ts'
import { questionsOf } from './questions.ts'
import { REFERENCES } from './references.ts'
import { scoreKris } from './score.ts'

const OFFICIAL: BenchmarkPreset = { model: 'gpt-4o-2024-11-20', maxTokens: 1000 }

/**
 * KRIS-Bench (arXiv 2505.16707): 1,267 edits that need factual, conceptual or procedural knowledge.
 *
 * @param promptsFolder where a user's prompts are, already resolved
 */
export function krisBenchmark(options: KrisOptions, promptsFolder?: string): Benchmark {
  const { mean, parser, judge } = options
  return judgedBenchmark({
    name: 'kris',
    version: 1,
    rules: { mean, parser },
    primary: 'average',
    official: OFFICIAL,
    judge,
    prompts: PROMPTS,
    promptsFolder,
    outputTypes: ['image/jpeg'],
    references: REFERENCES,
    load: loadKris,
    questions: questionsOf,
    readAnswers: readMetrics,
    writeAnswers: writeMetrics,
    score: (items, answers) => scoreKris(items, answers, options),
  })
}
