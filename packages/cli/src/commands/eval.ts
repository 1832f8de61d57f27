import type { LoadedConfig } from '@dda-thinker/core'
import type { Split } from '@dda-thinker/plugin-api'
import { type CommandSpec, list, number, text } from '../command.ts'
import { evalTable, maskedFraction } from '../eval-table.ts'
import { runFolder } from '../run-folder.ts'
import { showProgress } from '../events.ts'
import { exitCode } from '../exit-codes.ts'
import { recordTimings, runDirOf, sameCommand, withSession } from '../session.ts'
import { chooseThinkers, evalThinkers } from '../thinkers.ts'

export const evaluate: CommandSpec = {
  name: 'eval',
  summary: 'Evaluate Thinkers on held-out samples under the same fixed Editor and seed.',
  details:
    'Thinkers: `none` sends the raw instruction to the Editor, `base` is the trainer’s policy before training, `trained`\n' +
    'the newest training run, `run:<id>` a certain one, `thinker` the one of the configuration.',
  options: [
    {
      flags: '-t, --thinker <name>',
      description: 'Whom to evaluate. Repeatable. Default: none, base, trained.',
      repeatable: true,
    },
    { flags: '--split <split>', description: 'Which samples. Default: `eval.split`.', choices: ['train', 'held-out'] },
    { flags: '--limit <n>', description: 'The first so many samples only. Default: `eval.limit`.', type: 'integer' },
    { flags: '--name <name>', description: 'Name of the record. Default: made from what is evaluated.' },
    {
      flags: '--min-solved <fraction>',
      description: 'Exit with 1 where the last Thinker solves less.',
      type: 'number',
    },
    {
      flags: '--max-masked <fraction>',
      description: 'Exit with 5 where more rollouts are masked.',
      type: 'number',
      default: '0.2',
    },
    { flags: '--replay', description: 'Take edits and verdicts from the cache alone; a miss is an error.' },
  ],
  examples: [
    ['dda eval', 'no plan, base and trained on the held-out split'],
    ['dda eval --thinker base --thinker run:train-1a2b3c4d', 'a certain run'],
    ['dda eval --min-solved 0.85 --json', 'for continuous integration'],
  ],
  async run(context, _args, options) {
    const limit = number(options, 'limit')
    const split = text(options, 'split')
    const set = [
      ...(split === undefined ? [] : [`eval.split=${split}`]),
      ...(limit === undefined ? [] : [`eval.limit=${limit}`]),
    ]
    const core = await import('@dda-thinker/core')
    const plan = async (loaded: LoadedConfig) => {
      const { eval: settings } = loaded.config
      const { runsDir } = core.projectPaths(loaded.config, loaded.dir)
      const choices = await chooseThinkers(list(options, 'thinker'), loaded.config, runsDir)
      const what = {
        split: settings.split,
        limit: settings.limit ?? null,
        thinkers: choices.map(({ name, run, step }) => [name, run ?? null, step ?? null]),
      }
      return { choices, name: text(options, 'name') ?? core.defaultRunName('evaluate', loaded.config, what) }
    }
    const runDir = async (loaded: LoadedConfig) => runFolder(loaded, (await plan(loaded)).name)
    return withSession(context, { set, replay: options['replay'] === true, runDir }, async (session) => {
      const { assembly, workspace, interrupt, progress, loaded } = session
      const { eval: settings } = loaded.config
      const { choices, name } = await plan(loaded)
      const samples = await core.loadSamples(workspace.paths, {
        split: settings.split as Split,
        ...(settings.limit === undefined ? {} : { limit: settings.limit }),
      })
      const result = await core.evaluate(
        assembly,
        {
          workspace,
          runDir: runDirOf(workspace, name),
          stop: interrupt.stop,
          signal: interrupt.signal,
          thinkers: evalThinkers(choices, assembly),
          samples,
          printable: loaded.printable,
        },
        showProgress(context, progress),
      )
      progress.finish()
      await recordTimings(assembly, result.runDir)
      const data = { run: name, split: settings.split, confidence: settings.confidence, ...result }
      if (result.state === 'interrupted') {
        const { budget } = result
        const why = budget === undefined ? '' : `${budget.message} (${budget.code}). ${budget.next}\n`
        return {
          exitCode: exitCode(budget === undefined ? 'interrupted' : 'budget'),
          data,
          text: `${why}Stopped ${name}: ${result.runDir}\nContinue with: ${sameCommand(context)}`,
        }
      }
      const masked = maskedFraction(result.thinkers)
      const tooMany = masked > (number(options, 'maxMasked') ?? 0.2)
      if (tooMany)
        context.warn(`${(masked * 100).toFixed(1)} % of the rollouts were masked: the figures rest on the others.`)
      const wanted = number(options, 'minSolved')
      const last = Object.values(result.thinkers).at(-1)
      const below = wanted !== undefined && (last?.solved === undefined || last.solved < wanted)
      if (below) context.warn(`The last Thinker solves less than ${wanted}.`)
      return {
        exitCode: tooMany ? exitCode('partial') : below ? exitCode('below') : 0,
        data,
        text: `${evalTable(result.thinkers)}\n\n${samples.length} ${settings.split} samples, ${settings.confidence * 100} % Wilson intervals.\nRecord: ${result.runDir}\nNext: dda report`,
      }
    })
  },
}
