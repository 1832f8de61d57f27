import { resolve } from 'node:path'
import { errors } from '../errors.ts'
import { type CommandSpec, flag, list, number, text } from '../terminal/command.ts'
import { reevaluate, showReevaluation } from '../project/reevaluation.ts'

export const rejudge: CommandSpec = {
  name: 'rejudge',
  summary: 'Judge the stored pictures and plans of an evaluation again, by another judge or checklist.',
  details:
    'Takes plans and edited pictures from the record of `<run>`: nothing is planned or edited, neither Thinker nor Editor is\n' +
    'asked. The judges are those of `--judge`, of `--set judge…`, or of the configuration as it is now. A checklist file has one\n' +
    'JSON object a line, {"id": <sample>, "checklist": [...]}; a samples.jsonl is one. Samples that it does not name are left\n' +
    'out. The new record is an evaluation with its own checklists: `dda compare` and `dda report` read it. With --calibration it\n' +
    'is told how far the judges of before and of now agree with people, on what they answered about the same plans and pictures.',
  arguments: [{ name: '<run>', description: 'An evaluation, or one Thinker of it as <run>/<thinker>.' }],
  options: [
    {
      flags: '-j, --judge <use>',
      description: 'A judge, in place of those of the configuration. Repeatable.',
      repeatable: true,
    },
    { flags: '--checklist <file>', description: 'Other checklists, by sample.' },
    {
      flags: '--calibration <file>',
      description: 'What people have answered (`dda annotate --calibration`), to compare old and new judges with.',
    },
    { flags: '--name <name>', description: 'Name of the new record. Default: made from what is evaluated.' },
    {
      flags: '--max-masked <fraction>',
      description: 'Exit with 5 where more rollouts are masked.',
      type: 'number',
      default: '0.2',
    },
    { flags: '--all-flips', description: 'List every sample whose outcome changed, not the first 20.' },
    { flags: '--replay', description: 'Take verdicts from the cache alone; a miss is an error.' },
    { flags: '--allow-config-change', description: 'Continue a record although its configuration has changed.' },
  ],
  continues: true,
  examples: [
    ["dda rejudge evaluate-1a2b3c4d --set 'judge[0].model=Qwen3-VL-32B-Instruct'", 'the same pictures, a larger judge'],
    [
      'dda rejudge evaluate-1a2b3c4d --judge ./stricter.mjs --calibration calibration.jsonl',
      'which of the two judges agrees with people',
    ],
    ['dda rejudge evaluate-1a2b3c4d/trained --checklist stricter.jsonl', 'one Thinker’s, other questions'],
  ],
  async run(context, [reference = ''], options) {
    const { openChecklists, rejudge } = await import('@dda-thinker/runs')
    const { readCalibration } = await import('@dda-thinker/evaluation')
    const judges = list(options, 'judge')
    const file = text(options, 'checklist')
    const checklists = file === undefined ? undefined : await openChecklists(resolve(context.cwd, file))
    if (checklists?.size === 0) {
      throw errors.make('DDA_USAGE_CHECKLIST', { file: String(file) })
    }
    const set = text(options, 'calibration')
    const calibration = set === undefined ? undefined : await readCalibration(resolve(context.cwd, set))
    const request = {
      reference,
      set: judges.length === 0 ? [] : [`judge=${JSON.stringify(judges.map((use) => ({ use })))}`],
      name: text(options, 'name'),
      what: { editsOf: reference, checklists: checklists ?? null },
      replay: flag(options, 'replay'),
      allowConfigChange: flag(options, 'allowConfigChange'),
      run: (...[assembly, base, events]: Parameters<typeof rejudge>) =>
        rejudge(assembly, { ...base, checklists, calibration }, events),
    }
    const shown = {
      allFlips: flag(options, 'allFlips'),
      maxMasked: number(options, 'maxMasked') ?? 0.2,
      sameQuestions: checklists === undefined,
    }
    return reevaluate(context, request, (made) => showReevaluation(context, made, shown))
  },
}
