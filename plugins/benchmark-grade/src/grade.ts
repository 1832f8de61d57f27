import { judgedBenchmark, writeAnswerFile } from '@dda-thinker/benchmark-kit'
import type { Benchmark, BenchmarkPreset } from '@dda-thinker/plugin-api'
import { readGradeAnswers } from './answers.ts'
import { loadGrade } from './load.ts'
import type { GradeOptions } from './options.ts'
import { PROMPTS } from './prompts.ts'
import { questionsOf } from './questions.ts'
import { REFERENCES } from './references.ts'
import { scoreGrade } from './score.ts'

/** The official script sets neither a temperature nor a limit; ours is room for the reasons to all questions. */
const OFFICIAL: BenchmarkPreset = { model: 'gemini-3-flash-preview', maxTokens: 8192 }

/**
 * GRADE (arXiv 2603.12264): 520 edits of figures of ten disciplines, each with weighted yes/no questions.
 *
 * @param promptsFolder where a user's prompts are, already resolved
 */
export function gradeBenchmark(options: GradeOptions, promptsFolder?: string): Benchmark {
  const { denominator, parser, judge } = options
  return judgedBenchmark({
    name: 'grade',
    version: 1,
    rules: { denominator, parser },
    primary: 'accuracy',
    official: OFFICIAL,
    judge,
    prompts: PROMPTS,
    promptsFolder,
    outputTypes: ['image/png', 'image/jpeg'],
    references: REFERENCES,
    load: loadGrade,
    questions: questionsOf,
    readAnswers: readGradeAnswers,
    writeAnswers: (results, _items, answers) => writeAnswerFile(results, answers),
    score: (items, answers) => scoreGrade(items, answers, options),
  })
}
