import type { EvaluationComparison, LoadedConfig, PairedDifference } from '@dda-thinker/core'
import { DdaError, type Sample } from '@dda-thinker/plugin-api'
import { type CommandSpec, flag, text } from '../command.ts'
import { showProgress } from '../events.ts'
import { exitCode } from '../exit-codes.ts'
import type { Context, Outcome } from '../output.ts'
import { type EvalArm, readArm } from '../records.ts'
import { runFolder } from '../run-folder.ts'
import { runDirOf, sameCommand, withSession } from '../session.ts'
import { formatTable, percent, signed } from '../table.ts'

export const compare: CommandSpec = {
  name: 'compare',
  summary: 'Compare two evaluations pair by pair, or the same plans under two Editors.',
  details:
    'An evaluation is named `<run>/<thinker>`. With one of them, its plans are executed again by the Editor of\n' +
    '`--editor` or `--set editor.…` (and judged by the same judges), and the two Editors are compared.',
  arguments: [
    { name: '<a>', description: 'An evaluation, as <run>/<thinker>.' },
    { name: '[b]', description: 'Another one. Absent: the same plans under another Editor.' },
  ],
  options: [
    { flags: '-e, --editor <use>', description: 'The other Editor: short for --set editor.use=<use>.' },
    { flags: '--all-flips', description: 'List every sample whose outcome changed, not the first 20.' },
  ],
  examples: [
    ['dda compare evaluate-1a2b3c4d/base evaluate-1a2b3c4d/trained', 'what training changed'],
    ['dda compare evaluate-1a2b3c4d/trained --editor sketch', 'the same plans under another Editor'],
  ],
  async run(context, [a = '', b], options) {
    const editor = text(options, 'editor')
    if (b === undefined) return compareEditors(context, a, editor, flag(options, 'allFlips'))
    if (editor !== undefined) {
      throw new DdaError('DDA_USAGE', 'Two evaluations and --editor were given.', {
        next: 'Name two evaluations to compare them, or one and --editor to run its plans under another Editor.',
      })
    }
    const core = await import('@dda-thinker/core')
    // The core's keys alone: reading records needs no plugin.
    const { config, dir } = await core.loadConfig({
      cwd: context.cwd,
      file: context.config,
      set: context.set,
      check: [],
    })
    const paths = core.projectPaths(config, dir)
    const [left, right] = [await readArm(paths.runsDir, a), await readArm(paths.runsDir, b)]
    const samples = await core.loadSamples(paths)
    const asked = new Set([...left.rollouts, ...right.rollouts].map(({ sampleId }) => sampleId))
    const of = samples.filter(({ id }) => asked.has(id))
    return outcome(context, left, right, of, config.eval.confidence, config.seed, flag(options, 'allFlips'))
  },
}

async function compareEditors(
  context: Context,
  a: string,
  editor: string | undefined,
  allFlips: boolean,
): Promise<Outcome> {
  if (editor === undefined && !context.set.some((argument) => argument.startsWith('editor.'))) {
    throw new DdaError('DDA_USAGE', 'One evaluation was given and no other Editor.', {
      next: 'Name a second evaluation, or the other Editor with --editor.',
    })
  }
  const set = editor === undefined ? [] : [`editor.use=${editor}`]
  const core = await import('@dda-thinker/core')
  const nameOf = ({ config }: LoadedConfig) => core.defaultRunName('evaluate', config, { plansOf: a })
  const runDir = (loaded: LoadedConfig) => runFolder(loaded, nameOf(loaded))
  return withSession(context, { set, runDir }, async ({ loaded, assembly, workspace, interrupt, progress }) => {
    const { EDITOR } = await import('@dda-thinker/plugin-api')
    const left = await readArm(workspace.paths.runsDir, a)
    const byId = new Map((await core.loadSamples(workspace.paths)).map((sample) => [sample.id, sample]))
    const samples = left.rollouts.flatMap(({ sampleId, plan }) =>
      plan === undefined ? [] : (byId.get(sampleId) ?? []),
    )
    const name = nameOf(loaded)
    const result = await core.evaluate(
      assembly,
      {
        workspace,
        runDir: runDirOf(workspace, name),
        stop: interrupt.stop,
        signal: interrupt.signal,
        thinkers: [{ name: left.thinker, thinker: core.recordedThinker(left.rollouts) }],
        samples,
        printable: loaded.printable,
      },
      showProgress(context, progress),
    )
    progress.finish()
    if (result.state === 'interrupted') {
      return {
        exitCode: exitCode('interrupted'),
        data: { run: name, state: result.state },
        text: `Stopped ${name}.\nContinue with: ${sameCommand(context)} ${a}${editor === undefined ? '' : ` --editor ${editor}`}`,
      }
    }
    const right = await readArm(workspace.paths.runsDir, `${name}/${left.thinker}`)
    const before = left.rollouts.find(({ edit }) => edit !== undefined)?.edit?.editor ?? 'unknown'
    const note = `a: Editor ${before}\nb: Editor ${assembly.resolve(EDITOR).fingerprint}`
    const { seed, eval: settings } = loaded.config
    return outcome(context, left, right, samples, settings.confidence, seed, allFlips, note)
  })
}

async function outcome(
  context: Context,
  left: EvalArm,
  right: EvalArm,
  samples: readonly Sample[],
  confidence: number,
  seed: number,
  allFlips: boolean,
  note?: string,
): Promise<Outcome> {
  const { compareEvaluations, summariseEvaluation } = await import('@dda-thinker/core')
  const options = { confidence, seed }
  const comparison = compareEvaluations(left.rollouts, right.rollouts, samples, options)
  const [a, b] = [left, right].map(({ run, thinker, rollouts }) => {
    const { solved, reward } = summariseEvaluation(rollouts, samples, options)
    return { run: run.name, thinker, solved, reward }
  })
  const rows = [
    ['solved, all', comparison.solved] as const,
    ...Object.entries(comparison.byCategory).map(([name, difference]) => [`solved, ${name}`, difference] as const),
    ['mean reward', comparison.reward] as const,
  ]
  const table = formatTable(
    [
      { title: 'b − a' },
      { title: 'pairs', align: 'right' },
      { title: 'difference', align: 'right' },
      { title: `${confidence * 100} % interval`, align: 'right' },
      { title: 'better', align: 'right' },
      { title: 'worse', align: 'right' },
    ],
    rows.map(([name, difference]) => [
      name,
      String(difference.count),
      signed(difference.value),
      interval(difference),
      String(difference.better),
      String(difference.worse),
    ]),
  )
  const heads = [
    `a: ${left.run.name}/${left.thinker}, ${percent(a?.solved.value)} solved`,
    `b: ${right.run.name}/${right.thinker}, ${percent(b?.solved.value)} solved`,
  ]
  return {
    exitCode: 0,
    data: { a, b, comparison },
    text: [...heads, ...(note === undefined ? [] : [note]), '', table, '', flipText(comparison, allFlips)].join('\n'),
  }
}

function interval({ low, high }: PairedDifference): string {
  return low === undefined ? '–' : `${signed(low)} to ${signed(high)}`
}

function flipText({ flips, unpaired }: EvaluationComparison, all: boolean): string {
  const left = unpaired > 0 ? `${unpaired} samples left out: masked or missing on one side.\n` : ''
  if (flips.length === 0) return `${left}No sample changed its outcome.`
  const shown = all ? flips : flips.slice(0, 20)
  const lines = shown.map(
    ({ direction, sampleId, category, subtask, items }) =>
      `  ${direction === 'gained' ? '+' : '−'} ${sampleId}  ${category}/${subtask}  ${items.join(', ')}`,
  )
  const more = flips.length > shown.length ? `\n  ... and ${flips.length - shown.length} more (--all-flips)` : ''
  return `${left}Flips (+ newly solved, − no longer; with the items that changed):\n${lines.join('\n')}${more}`
}
