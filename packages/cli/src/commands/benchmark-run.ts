import { resolve } from 'node:path'
import { SERVICE_OPTIONS } from '@dda-thinker/plugin-api'
import type { LoadedConfig } from '@dda-thinker/config'
import { benchmarkOutcome } from '../project/benchmark-outcome.ts'
import { runFolder } from '../project/run-folder.ts'
import { loadProject, recordTimings, runDirOf, withSession } from '../project/session.ts'
import { chooseThinkers, evalThinkers } from '../project/thinkers.ts'
import { benchmarkBlock, needed, RULE_OPTIONS } from '../terminal/benchmark-options.ts'
import { type CommandSpec, flag, list, number, text } from '../terminal/command.ts'
import { showProgress } from '../terminal/events.ts'

export const benchmarkRun: CommandSpec = {
  name: 'benchmark run',
  summary: 'Plan, edit and judge a benchmark with any Thinker and Editor, in the official layout.',
  details:
    'The judge is that of the benchmark’s block in the configuration; without one the edited pictures are made and the official\n' +
    'script can judge them. `none`, the raw instruction, is always run first: the others are compared with it, item by item.',
  arguments: [{ name: 'benchmark', description: 'Which one: rise, kris, or a plugin.' }],
  options: [
    { flags: '--data <path>', description: 'The benchmark’s data: its folder, or the file that lists the items.' },
    {
      flags: '-t, --thinker <name>',
      description:
        'Whom to run beside `none`. Repeatable. Default: trained with a trainer, else thinker where there is one.',
      repeatable: true,
    },
    { flags: '--per-category <n>', description: 'The first so many items of each category only.', type: 'integer' },
    { flags: '--results <folder>', description: 'Where the official layout goes. Default: results in the run.' },
    { flags: '--name <name>', description: 'Name of the run. Default: made from what is run.' },
    ...RULE_OPTIONS,
    { flags: '--replay', description: 'Take edits and answers from the cache alone; a miss is an error.' },
    { flags: '--allow-config-change', description: 'Continue a run although its configuration has changed.' },
  ],
  continues: true,
  examples: [
    ['dda benchmark run rise --data RISEBench/data', 'no plan, and the Thinker of the configuration'],
    ['dda benchmark run kris --data KRIS_Bench --thinker run:train-1a2b3c4d --json', 'a certain training run'],
    ['dda benchmark run rise --data RISEBench/data --per-category 4 --name trial', 'a few items first'],
  ],
  async run(context, [use = ''], options) {
    const { defaultRunName, projectPaths, runBenchmark } = await import('@dda-thinker/runs')
    const data = resolve(context.cwd, needed(options, 'data', 'where the data of the benchmark is'))
    const perCategory = number(options, 'perCategory')
    const configured = (await loadProject(context)).config.benchmark.find((block) => block.use === use)
    const block = { ...configured, ...benchmarkBlock(use, options) }
    const set = [`benchmark=${JSON.stringify([block])}`]
    const plan = async ({ config, dir }: LoadedConfig, warn?: (message: string) => void) => {
      const { runsDir } = projectPaths(config, dir)
      const given = list(options, 'thinker')
      const usual = config.trainer === undefined ? (config.thinker === undefined ? [] : ['thinker']) : ['trained']
      const choices = await chooseThinkers(['none', ...(given.length === 0 ? usual : given)], config, runsDir, warn)
      const thinkers = choices.map(({ name, run, step }) => [name, run ?? null, step ?? null])
      const what = { block: withoutServices(block), data, perCategory: perCategory ?? null, thinkers }
      return { choices, name: text(options, 'name') ?? defaultRunName('benchmark', config, what) }
    }
    const runDir = async (loaded: LoadedConfig) => runFolder(loaded, (await plan(loaded)).name)
    const only = ['thinker', 'editor', 'trainer', 'benchmark'] as const
    return withSession(context, { set, only, replay: flag(options, 'replay'), runDir }, async (session) => {
      const { assembly, workspace, interrupt, progress, loaded } = session
      const { choices, name } = await plan(loaded, (message) => context.warn(message))
      const results = text(options, 'results')
      const result = await runBenchmark(
        assembly,
        {
          workspace,
          runDir: await runDirOf(workspace, name),
          stop: interrupt.stop,
          signal: interrupt.signal,
          thinkers: await evalThinkers(choices, assembly),
          data,
          perCategory,
          results: results === undefined ? undefined : resolve(context.cwd, results),
          allowConfigChange: flag(options, 'allowConfigChange'),
          printable: loaded.printable,
        },
        showProgress(context, progress),
      )
      progress.finish()
      await recordTimings(assembly, result.runDir)
      return benchmarkOutcome(context, name, data, result)
    })
  },
}

/** Where services are has no part in what a run is. */
function withoutServices({ judge, ...rest }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries((judge ?? {}) as Readonly<Record<string, unknown>>)
  return { ...rest, judge: Object.fromEntries(entries.filter(([key]) => !SERVICE_OPTIONS.includes(key))) }
}
