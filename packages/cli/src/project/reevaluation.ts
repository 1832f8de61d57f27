import type { Assembly } from '@dda-thinker/core'
import type { LoadedConfig } from '@dda-thinker/config'
import type { ReevaluateOptions, Rejudgement, RunEvents, RunInfo } from '@dda-thinker/runs'
import { comparisonTable, compareArms, flipText, type SampledArm, withSamples } from './comparison.ts'
import { agreementTable } from '../terminal/agreement-table.ts'
import { comparedText } from '../terminal/calibration-text.ts'
import { evalTable, maskedFraction, maskedWarning } from '../terminal/eval-table.ts'
import { showProgress } from '../terminal/events.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { ArmReader, findEvaluation } from './records.ts'
import { runFolder } from './run-folder.ts'
import { recordTimings, runDirOf, sameCommand, withSession } from './session.ts'

/** A record that is used again. */
export interface ReevaluationRequest {
  /** `<run>` or `<run>/<thinker>`. */
  readonly reference: string
  /** A reference without a Thinker means its last one, not all. Default: all. */
  readonly one?: boolean
  /** Beside those of the command line. */
  readonly set: readonly string[]
  /** Another Editor, as the loader takes it. Default: the `editor` block. */
  readonly editor?: string | undefined
  /** Call `done` for a record that was stopped, too. Default: its outcome says how to continue. */
  readonly alsoStopped?: boolean
  /** Name of the new record. Default: made from the configuration and `what`. */
  readonly name?: string | undefined
  /** What sets it apart, beside the configuration. */
  readonly what: Readonly<Record<string, unknown>>
  /** Edits and verdicts come from the cache alone. */
  readonly replay?: boolean
  /** Continue a record that was begun with other settings. Default false. */
  readonly allowConfigChange?: boolean
  run(assembly: Assembly, options: ReevaluateOptions, events: RunEvents): Promise<Rejudgement>
}

/** The new record beside the one that it was made from. */
export interface Reevaluated {
  readonly name: string
  readonly source: RunInfo
  readonly thinker: string | undefined
  readonly result: Rejudgement
  readonly loaded: LoadedConfig
  readonly assembly: Assembly
  readonly runsDir: string
}

/** Makes or continues the new record; `done` says what came of it. */
export async function reevaluate(
  context: Context,
  request: ReevaluationRequest,
  done: (made: Reevaluated) => Promise<Outcome>,
): Promise<Outcome> {
  const { defaultRunName } = await import('@dda-thinker/runs')
  const { reference, set, what } = request
  const nameOf = ({ config }: LoadedConfig) => request.name ?? defaultRunName('evaluate', config, what)
  const runDir = (loaded: LoadedConfig) => runFolder(loaded, nameOf(loaded))
  const options = { set, editor: request.editor, runDir, replay: request.replay ?? false }
  return withSession(context, options, async ({ loaded, assembly, workspace, interrupt, progress }) => {
    const name = nameOf(loaded)
    const { runsDir } = workspace.paths
    const source = await findEvaluation(runsDir, reference.split('/', 1)[0])
    // Refuses a Thinker that the record does not have.
    const whole = !reference.includes('/') && request.one !== true
    const thinker = whole ? undefined : (await new ArmReader(runsDir).read(reference)).thinker
    const given: ReevaluateOptions = {
      workspace,
      runDir: await runDirOf(workspace, name),
      stop: interrupt.stop,
      signal: interrupt.signal,
      printable: loaded.printable,
      allowConfigChange: request.allowConfigChange ?? false,
      source,
      thinker,
    }
    const result = await request.run(assembly, given, showProgress(context, progress))
    progress.finish()
    await recordTimings(assembly, result.runDir)
    if (result.state === 'interrupted' && request.alsoStopped !== true) return interrupted(context, name, result)
    return done({ name, source, thinker, result, loaded, assembly, runsDir })
  })
}

/** Both records side by side, Thinker by Thinker, as `dda reedit` and `dda rejudge` show them. */
export async function showReevaluation(
  context: Context,
  { name, source, thinker, result, loaded, runsDir }: Reevaluated,
  options: {
    readonly allFlips: boolean
    readonly maxMasked: number
    /** The pictures, plans and questions are those of before: what people say of them holds. Default false. */
    readonly sameQuestions?: boolean
  },
): Promise<Outcome> {
  const { confidence } = loaded.config.eval
  const statistics = { confidence, seed: loaded.config.seed }
  const names = thinker === undefined ? Object.keys(result.thinkers) : [thinker]
  const arms = new ArmReader(runsDir)
  const pairs: { readonly left: SampledArm; readonly right: SampledArm }[] = []
  for (const each of names) {
    pairs.push({
      left: await withSamples(await arms.read(`${source.name}/${each}`), loaded),
      right: await withSamples(await arms.read(`${name}/${each}`), loaded),
    })
  }
  const comparisons = await Promise.all(
    pairs.map(async ({ left, right }) => [right.thinker, await compareArms(left, right, statistics)] as const),
  )
  const agreement = options.sameQuestions === true ? await agreementWithPeople(name, source, loaded) : undefined
  const masked = maskedFraction(result.thinkers)
  const tooMany = masked > options.maxMasked
  if (tooMany) context.warn(maskedWarning(masked))
  const sections = comparisons.map(([each, comparison]) =>
    [`${each}, now − before:`, comparisonTable(comparison, confidence), flipText(comparison, options.allFlips)].join(
      '\n',
    ),
  )
  const { samples: _samples, ...rest } = result
  return {
    exitCode: tooMany ? exitCode('partial') : 0,
    data: {
      run: name,
      source: source.name,
      confidence,
      ...rest,
      comparisons: Object.fromEntries(comparisons),
      ...(agreement === undefined ? {} : { agreement }),
    },
    text: [
      evalTable(result.thinkers),
      ...sections,
      ...(result.calibration === undefined ? [] : [comparedText(result.calibration)]),
      ...(agreement === undefined ? [] : [`With people, of ${source.name}:\n${agreementTable(agreement)}`]),
      `Record: ${result.runDir}\nNext: dda report ${name}`,
    ].join('\n\n'),
  }
}

/** Of the judges of the new record with the people who annotated the old one. */
async function agreementWithPeople(name: string, source: RunInfo, { config, dir }: LoadedConfig) {
  const { projectPaths, readHumanAgreement, readRun, runPath } = await import('@dda-thinker/runs')
  const paths = projectPaths(config, dir)
  const run = await readRun(runPath(paths.runsDir, name))
  return readHumanAgreement(run, paths, { annotated: source, confidence: config.eval.confidence })
}

function interrupted(context: Context, name: string, { budget, samples: _samples, ...result }: Rejudgement): Outcome {
  const why = budget === undefined ? '' : `${budget.message} (${budget.code}). ${budget.next}\n`
  return {
    exitCode: exitCode(budget === undefined ? 'interrupted' : 'budget'),
    data: { run: name, ...result, ...(budget === undefined ? {} : { budget }) },
    text: `${why}Stopped ${name}.\nContinue with: ${sameCommand(context)}`,
  }
}
