import { ChatJudge, loadPrompts, promptsFingerprint, type Prompts } from '@dda-thinker/benchmark-kit'
import type { Benchmark, BenchmarkPreset, RoleContext } from '@dda-thinker/plugin-api'
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
  let prompts: Prompts = PROMPTS
  const judge = options.judge === undefined ? undefined : new ChatJudge('benchmark-kris', options.judge, OFFICIAL)
  const rules = { mean: options.mean, parser: options.parser }
  return {
    name: 'kris',
    get fingerprint() {
      return `benchmark-kris@1 ${JSON.stringify({ ...rules, prompts: promptsFingerprint(prompts) })}`
    },
    rules,
    primary: 'average',
    official: OFFICIAL,
    ...(judge === undefined ? {} : { judge }),
    outputTypes: ['image/jpeg'],
    references: REFERENCES,
    async open(context) {
      prompts = await loadPrompts(PROMPTS, promptsFolder)
      await judge?.open(context)
    },
    async close() {
      await judge?.close()
    },
    ...(judge === undefined ? {} : { diagnose: (context: RoleContext) => judge.diagnose(context) }),
    load: loadKris,
    questions: (item) => questionsOf(item, prompts),
    readAnswers: readMetrics,
    writeAnswers: writeMetrics,
    score: (items, answers) => scoreKris(items, answers, options),
  }
}
