import {
  ChatJudge,
  loadPrompts,
  promptsFingerprint,
  readAnswerFile,
  writeAnswerFile,
  type Prompts,
} from '@dda-thinker/benchmark-kit'
import type { Benchmark, BenchmarkPreset, RoleContext } from '@dda-thinker/plugin-api'
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
  let prompts: Prompts = PROMPTS
  const judge = options.judge === undefined ? undefined : new ChatJudge('benchmark-rise', options.judge, OFFICIAL)
  const rules = { rules: options.rules, score: options.score, parser: options.parser }
  return {
    name: 'rise',
    get fingerprint() {
      return `benchmark-rise@1 ${JSON.stringify({ ...rules, prompts: promptsFingerprint(prompts) })}`
    },
    rules,
    primary: 'accuracy',
    official: OFFICIAL,
    ...(judge === undefined ? {} : { judge }),
    outputTypes: ['image/png', 'image/jpeg'],
    references: REFERENCES,
    async open(context) {
      prompts = await loadPrompts(PROMPTS, promptsFolder)
      await judge?.open(context)
    },
    async close() {
      await judge?.close()
    },
    ...(judge === undefined ? {} : { diagnose: (context: RoleContext) => judge.diagnose(context) }),
    load: loadRise,
    questions: (item) => questionsOf(item, prompts),
    readAnswers: (results) => readAnswerFile(results),
    writeAnswers: (results, _items, answers) => writeAnswerFile(results, answers),
    score: (items, answers) => scoreRise(items, answers, options),
  }
}
