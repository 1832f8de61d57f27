import { type CommandSpec, flag, number, text } from '../terminal/command.ts'
import { reevaluate, showReevaluation } from '../project/reevaluation.ts'

export const reedit: CommandSpec = {
  name: 'reedit',
  summary: 'Run the stored plans of an evaluation through another Editor.',
  details:
    'Takes the plans from the record of `<run>` and nothing else: no Thinker is asked, none has to be installed. The Editor is\n' +
    'that of `--editor`, of `--set editor.…`, or of the configuration as it is now. Edits and verdicts that are known are taken\n' +
    'from the cache. The new record is an evaluation: `dda compare` and `dda report` read it.',
  arguments: [{ name: '<run>', description: 'An evaluation, or one Thinker of it as <run>/<thinker>.' }],
  options: [
    { flags: '-e, --editor <name>', description: 'The Editor: a name of `eval.editors`, or a plugin.' },
    { flags: '--name <name>', description: 'Name of the new record. Default: made from what is evaluated.' },
    {
      flags: '--max-masked <fraction>',
      description: 'Exit with 5 where more rollouts are masked.',
      type: 'number',
      default: '0.2',
    },
    { flags: '--all-flips', description: 'List every sample whose outcome changed, not the first 20.' },
    { flags: '--replay', description: 'Take edits and verdicts from the cache alone; a miss is an error.' },
    { flags: '--allow-config-change', description: 'Continue a record although its configuration has changed.' },
  ],
  continues: true,
  examples: [
    ['dda reedit evaluate-1a2b3c4d --editor sketch', 'every Thinker’s plans under another Editor'],
    ['dda reedit evaluate-1a2b3c4d/trained --set editor.model=Qwen-Image-Edit-2511', 'one Thinker’s, another model'],
  ],
  async run(context, [reference = ''], options) {
    const { reedit } = await import('@dda-thinker/runs')
    const request = {
      reference,
      set: [],
      editor: text(options, 'editor'),
      name: text(options, 'name'),
      what: { plansOf: reference },
      replay: flag(options, 'replay'),
      allowConfigChange: flag(options, 'allowConfigChange'),
      run: reedit,
    }
    const shown = { allFlips: flag(options, 'allFlips'), maxMasked: number(options, 'maxMasked') ?? 0.2 }
    return reevaluate(context, request, (made) => showReevaluation(context, made, shown))
  },
}
