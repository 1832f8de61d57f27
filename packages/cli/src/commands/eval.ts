import { type CommandSpec, list, number, text } from '../terminal/command.ts'
import { chooseEditors, evaluateMatrix } from '../project/eval-matrix.ts'
import { checkLimits, type EvalRequest, evaluateThinkers, stopped } from '../project/eval-run.ts'
import { evalTable } from '../terminal/eval-table.ts'

export const evaluate: CommandSpec = {
  name: 'eval',
  summary: 'Evaluate Thinkers on held-out samples under the same fixed Editor and seed.',
  details:
    'Thinkers: `none` sends the raw instruction to the Editor, `base` is the trainer’s policy before training, `trained`\n' +
    'the newest training run that has a checkpoint, `run:<id>` a certain one, `thinker` the one of the configuration.\n' +
    'With several Editors every Thinker plans once, under the first; the same plans then go through the others, and\n' +
    'differences are paired.',
  options: [
    {
      flags: '-t, --thinker <name>',
      description: 'Whom to evaluate. Repeatable. Default: none, base, trained.',
      repeatable: true,
    },
    {
      flags: '-e, --editor <name>',
      description:
        'Under which Editor: a name of `eval.editors`, or a plugin. Repeatable. Default: `editor` and all of `eval.editors`.',
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
    { flags: '--allow-config-change', description: 'Continue a record although its configuration has changed.' },
  ],
  continues: true,
  examples: [
    ['dda eval', 'no plan, base and trained on the held-out split'],
    ['dda eval --thinker base --thinker run:train-1a2b3c4d', 'a certain run'],
    ['dda eval --editor tabletop --editor sketch', 'a matrix: every Thinker under both Editors'],
    ['dda eval --min-solved 0.85 --json', 'for continuous integration'],
  ],
  async run(context, _args, options) {
    const limit = number(options, 'limit')
    const split = text(options, 'split')
    const set = [
      ...(split === undefined ? [] : [`eval.split=${split}`]),
      ...(limit === undefined ? [] : [`eval.limit=${limit}`]),
    ]
    const request: EvalRequest = {
      set,
      thinkers: list(options, 'thinker'),
      name: text(options, 'name'),
      replay: options['replay'] === true,
      allowConfigChange: options['allowConfigChange'] === true,
    }
    const editors = await chooseEditors(context, request, list(options, 'editor'))
    const limits = { maxMasked: number(options, 'maxMasked') ?? 0.2, minSolved: number(options, 'minSolved') }
    if (editors.length > 1) return evaluateMatrix(context, request, editors, limits)
    return evaluateThinkers(context, { ...request, editor: editors[0]?.editor }, async (made) => {
      const { name, loaded, result, samples } = made
      const { eval: settings } = loaded.config
      const data = { run: name, split: settings.split, confidence: settings.confidence, ...result }
      if (result.state === 'interrupted') return stopped(context, name, result, data)
      return {
        exitCode: checkLimits(context, [result.thinkers], limits),
        data,
        text: `${evalTable(result.thinkers)}\n\n${samples.length} ${settings.split} samples, ${settings.confidence * 100} % Wilson intervals.\nRecord: ${result.runDir}\nNext: dda report`,
      }
    })
  },
}
