import { resolve } from 'node:path'
import { BENCHMARKS } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { benchmarkBlock, needed, RULE_OPTIONS } from '../terminal/benchmark-options.ts'
import { publishedText } from '../terminal/benchmark-record.ts'
import { benchmarkReport, benchmarkText } from '../terminal/benchmark-scores.ts'
import type { CommandSpec } from '../terminal/command.ts'
import { createLogger } from '../terminal/logger.ts'

export const benchmarkScore: CommandSpec = {
  name: 'benchmark score',
  summary: 'Score the judge’s answers of a benchmark, our own or those of the official script.',
  details:
    'Needs no configuration and calls nobody. Answers that are missing or cannot be read are in no mean, and are counted: `coverage` is\n' +
    'the fraction of items of which every answer could be used.',
  arguments: [{ name: 'benchmark', description: 'Which one: rise, kris, or a plugin.' }],
  options: [
    { flags: '--data <path>', description: 'The benchmark’s data: its folder, or the file that lists the items.' },
    { flags: '--results <path>', description: 'Folder of results of one model, or its file of answers.' },
    ...RULE_OPTIONS,
  ],
  examples: [
    ['dda benchmark score rise --data data/datav2_total_w_subtask.json --results outputs/MODEL', 'the official layout'],
    ['dda benchmark score rise --data data --results outputs/MODEL --rules before-2026-04', 'as older papers have it'],
    [
      'dda benchmark score kris --data KRIS_Bench --results results/MODEL --mean per-sample --json',
      'as lmms-eval has it',
    ],
  ],
  async run(context, [use = ''], options) {
    const { assemble } = await import('@dda-thinker/core')
    const { completeConfig } = await import('@dda-thinker/config')
    const data = resolve(context.cwd, needed(options, 'data', 'where the data of the benchmark is'))
    const results = resolve(context.cwd, needed(options, 'results', 'where the results of the model are'))
    const log = createLogger({ level: 'warn', write: (line) => context.warn(line) })
    const config = completeConfig({ benchmark: [benchmarkBlock(use, options)] })
    const assembly = await assemble(config, { cwd: context.cwd, log, only: ['benchmark'] })
    try {
      const [benchmark] = assembly.all(BENCHMARKS)
      if (benchmark === undefined) throw errors.make('DDA_PLUGIN_KIND/no-benchmark', { use })
      const items = await benchmark.load(data)
      const answers = await benchmark.readAnswers(results, items)
      if (items.every(({ id }) => !answers.has(id))) {
        throw errors.make('DDA_BENCHMARK_RESULTS/other-data', { results, data })
      }
      const scores = benchmark.score(items, answers)
      return {
        exitCode: 0,
        data: { data, results, ...benchmarkReport(benchmark, scores), references: benchmark.references },
        text: [benchmarkText(benchmark, scores), publishedText(benchmark, scores.rows[0]?.name ?? '')]
          .join('\n\n')
          .trimEnd(),
      }
    } finally {
      await assembly.dispose()
    }
  },
}
