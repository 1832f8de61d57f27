import type { Benchmark, BenchmarkItem, BenchmarkQuestion, RoleContext } from '@dda-thinker/plugin-api'
import { ChatJudge, type JudgeOptions } from './chat-judge.ts'
import { loadPrompts, promptsFingerprint, type Prompts } from './prompts.ts'

/** What varies between benchmarks whose judge is asked by prompts. */
export interface JudgedBenchmark extends Pick<
  Benchmark,
  | 'name'
  | 'rules'
  | 'primary'
  | 'official'
  | 'outputTypes'
  | 'references'
  | 'load'
  | 'readAnswers'
  | 'writeAnswers'
  | 'score'
> {
  /** Raised whenever the same answers give other numbers. */
  readonly version: number
  /** Options of the judge; without them nobody is asked. */
  readonly judge: JudgeOptions | undefined
  /** Our own prompts. */
  readonly prompts: Prompts
  /** Where a user's prompts are, already resolved. */
  readonly promptsFolder: string | undefined
  /** What is asked about an item, with the prompts that hold. */
  readonly questions: (item: BenchmarkItem, prompts: Prompts) => readonly BenchmarkQuestion[]
}

/** The frame that they share: prompts loaded when it opens and part of the fingerprint, a judge that opens and closes with it. */
export function judgedBenchmark(given: JudgedBenchmark): Benchmark {
  const { version, judge: judgeOptions, prompts: own, promptsFolder, questions, ...rest } = given
  const plugin = `benchmark-${rest.name}`
  let prompts = own
  const judge = judgeOptions === undefined ? undefined : new ChatJudge(plugin, judgeOptions, rest.official)
  return {
    ...rest,
    get fingerprint() {
      return `${plugin}@${version} ${JSON.stringify({ ...rest.rules, prompts: promptsFingerprint(prompts) })}`
    },
    ...(judge === undefined ? {} : { judge, diagnose: (context: RoleContext) => judge.diagnose(context) }),
    async open(context) {
      prompts = await loadPrompts(own, promptsFolder)
      await judge?.open(context)
    },
    async close() {
      await judge?.close()
    },
    questions: (item) => questions(item, prompts),
  }
}
