import { resolve } from 'node:path'
import { errors } from '../errors.ts'
import { agreementTable } from '../terminal/agreement-table.ts'
import { type CommandSpec, flag, text } from '../terminal/command.ts'

export const annotate: CommandSpec = {
  name: 'annotate',
  summary: 'Bring in what people say of a run’s rollouts, and see how far the judges agree.',
  details:
    'People answer the questions that judges were asked. --export writes them as a sheet (.csv or .jsonl) without the judges’ verdicts, --import\n' +
    'takes it back, filled in. Answers are appended to the run (annotations.jsonl), the last of each person holds, and verdicts and rewards stay as they are.\n' +
    'Without these it tells how far judges agree with people; with --of, how far those of a run that judged <run> again do.',
  arguments: [{ name: '<run>', description: 'Name of the run.' }],
  options: [
    { flags: '--export <file>', description: 'Write the questions as a sheet, .csv or .jsonl.' },
    { flags: '--judged', description: 'With the judges’ verdicts and reasons in the sheet.' },
    { flags: '--import <file>', description: 'Append the answers of a sheet.' },
    { flags: '--by <name>', description: 'Who answered, where the sheet does not say.' },
    {
      flags: '--calibration <file>',
      description: 'Write the questions that most people answer alike, whole in themselves.',
    },
    { flags: '--of <run>', description: 'The judges of this run, which judged <run> again (`dda rejudge`).' },
  ],
  examples: [
    ['dda annotate evaluate-1a2b3c4d --export sheet.csv', 'what to ask people'],
    ['dda annotate evaluate-1a2b3c4d --import sheet.csv --by ann', 'what Ann says'],
    ['dda annotate evaluate-1a2b3c4d', 'how far judges agree: raw, kappa, passes and fails found, with intervals'],
    ['dda annotate evaluate-1a2b3c4d --of evaluate-5e6f7a8b', 'another judge of the same pictures'],
  ],
  async run(context, [name = ''], options) {
    const { loadConfig } = await import('@dda-thinker/config')
    const runs = await import('@dda-thinker/runs')
    const file = (key: string) => {
      const given = text(options, key)
      return given === undefined ? undefined : resolve(context.cwd, given)
    }
    const [sheet, filled, calibration] = [file('export'), file('import'), file('calibration')]
    const of = text(options, 'of')
    if ([sheet, filled, calibration, of].filter((given) => given !== undefined).length > 1)
      throw errors.make('DDA_USAGE/annotate')
    const { config, dir } = await loadConfig({ cwd: context.cwd, file: context.config, set: context.set, check: [] })
    const paths = runs.projectPaths(config, dir)
    const run = await runs.readRun(runs.runPath(paths.runsDir, name))
    if (sheet !== undefined) {
      const count = await runs.writeRecords(sheet, runs.sheetRows(run, paths, { judged: flag(options, 'judged') }))
      return { exitCode: 0, data: { file: sheet, questions: count }, text: `${count} questions: ${sheet}` }
    }
    if (calibration !== undefined) {
      const count = await runs.writeRecords(calibration, await runs.calibrationItems(run, paths))
      return {
        exitCode: 0,
        data: { file: calibration, items: count },
        text: `${count} answered questions: ${calibration}`,
      }
    }
    if (filled !== undefined) {
      const { annotations, empty } = await runs.importAnnotations(run, paths, filled, text(options, 'by'))
      const people = [...new Set(annotations.map(({ by }) => by))]
      return {
        exitCode: 0,
        data: { run: run.name, answers: annotations.length, empty, people },
        text: `${annotations.length} answers by ${people.join(', ')}; ${empty} rows without one.\nNext: dda annotate ${run.name}`,
      }
    }
    const judged = of === undefined ? run : await runs.readRun(runs.runPath(paths.runsDir, of))
    const { confidence } = config.eval
    const agreement = await runs.readHumanAgreement(judged, paths, { annotated: run, confidence })
    return {
      exitCode: 0,
      data: { run: judged.name, annotated: run.name, confidence, ...(agreement === undefined ? {} : { agreement }) },
      text:
        agreement === undefined
          ? `Nobody has annotated ${run.name} yet.\nNext: dda annotate ${run.name} --export sheet.csv`
          : `${agreementTable(agreement)}\n\n${confidence * 100} % Wilson intervals.`,
    }
  },
}
