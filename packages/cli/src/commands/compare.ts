import type { Estimate } from '@dda-thinker/evaluation'
import type { LoadedConfig } from '@dda-thinker/config'
import { errors } from '../errors.ts'
import { type CommandSpec, flag, text } from '../terminal/command.ts'
import { compareArms, comparisonTable, flipText, withSamples } from '../project/comparison.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { ArmReader, type EvalArm } from '../project/records.ts'
import { reevaluate, type ReevaluationRequest } from '../project/reevaluation.ts'
import { percent } from '../terminal/table.ts'

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
    { flags: '-e, --editor <name>', description: 'The other Editor: a name of `eval.editors`, or a plugin.' },
    { flags: '--all-flips', description: 'List every sample whose outcome changed, not the first 20.' },
  ],
  continues: true,
  examples: [
    ['dda compare evaluate-1a2b3c4d/base evaluate-1a2b3c4d/trained', 'what training changed'],
    ['dda compare evaluate-1a2b3c4d/trained --editor sketch', 'the same plans under another Editor'],
  ],
  async run(context, [a = '', b], options) {
    const editor = text(options, 'editor')
    if (b === undefined) return compareEditors(context, a, editor, flag(options, 'allFlips'))
    if (editor !== undefined) {
      throw errors.make('DDA_USAGE/two-evaluations-and-editor')
    }
    const { loadConfig } = await import('@dda-thinker/config')
    const { projectPaths } = await import('@dda-thinker/runs')
    // The core's keys alone: reading records needs no plugin.
    const loaded = await loadConfig({
      cwd: context.cwd,
      file: context.config,
      set: context.set,
      check: [],
    })
    const { runsDir } = projectPaths(loaded.config, loaded.dir)
    const arms = new ArmReader(runsDir)
    const [left, right] = [await arms.read(a), await arms.read(b)]
    return outcome(left, right, loaded, flag(options, 'allFlips'))
  },
}

async function compareEditors(
  context: Context,
  a: string,
  editor: string | undefined,
  allFlips: boolean,
): Promise<Outcome> {
  if (editor === undefined && !context.set.some((argument) => /^editor[.=]/.test(argument))) {
    throw errors.make('DDA_USAGE/one-evaluation')
  }
  const { reedit } = await import('@dda-thinker/runs')
  const { EDITOR } = await import('@dda-thinker/plugin-api')
  const request: ReevaluationRequest = {
    reference: a,
    // An evaluation without a Thinker means its last one here.
    one: true,
    set: [],
    editor,
    what: { plansOf: a },
    run: reedit,
  }
  return reevaluate(context, request, async ({ name, source, thinker = '', loaded, assembly, runsDir }) => {
    const arms = new ArmReader(runsDir)
    const left = await arms.read(`${source.name}/${thinker}`)
    const right = await arms.read(`${name}/${thinker}`)
    const before = editorOf(left)
    const note = `a: Editor ${before}\nb: Editor ${assembly.resolve(EDITOR).fingerprint}`
    return outcome(left, right, loaded, allFlips, note)
  })
}

/** Of the first edit that was made. */
function editorOf({ rollouts }: EvalArm): string {
  for (const { edit } of rollouts) if (edit !== undefined) return edit.editor
  return 'unknown'
}

async function outcome(
  left: EvalArm,
  right: EvalArm,
  loaded: Pick<LoadedConfig, 'config' | 'dir'>,
  allFlips: boolean,
  note?: string,
): Promise<Outcome> {
  const { summariseEvaluation } = await import('@dda-thinker/evaluation')
  const { confidence } = loaded.config.eval
  const options = { confidence, seed: loaded.config.seed }
  const arms = [await withSamples(left, loaded), await withSamples(right, loaded)] as const
  const comparison = await compareArms(...arms, options)
  const sides: { run: string; thinker: string; solved: Estimate; reward: Estimate }[] = []
  for (const { run, thinker, rollouts, samples } of arms) {
    const { solved, reward } = summariseEvaluation(rollouts, samples, options)
    sides.push({ run: run.name, thinker, solved, reward })
  }
  const [a, b] = sides
  const heads = [
    `a: ${left.run.name}/${left.thinker}, ${percent(a?.solved.value)} solved`,
    `b: ${right.run.name}/${right.thinker}, ${percent(b?.solved.value)} solved`,
  ]
  const tables = ['', comparisonTable(comparison, confidence), '', flipText(comparison, allFlips)]
  return {
    exitCode: 0,
    data: { a, b, comparison },
    text: [...heads, ...(note === undefined ? [] : [note]), ...tables].join('\n'),
  }
}
