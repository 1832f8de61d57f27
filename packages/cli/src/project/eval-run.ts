import { existsSync } from 'node:fs'
import type { EvalResult } from '@dda-thinker/runs'
import type { EvalSummary, Listed } from '@dda-thinker/evaluation'
import type { LoadedConfig } from '@dda-thinker/config'
import type { Sample, Split } from '@dda-thinker/plugin-api'
import { maskedFraction, maskedWarning } from '../terminal/eval-table.ts'
import { showProgress } from '../terminal/events.ts'
import { type ExitCode, exitCode } from '../terminal/exit-codes.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { estimateOfEvaluation, sayEstimate } from './estimate.ts'
import { runFolder } from './run-folder.ts'
import { recordTimings, runDirOf, sameCommand, withSession } from './session.ts'
import { chooseThinkers, evalThinkers } from './thinkers.ts'

/** What `dda eval` is asked for, under one Editor. */
export interface EvalRequest {
  /** Beside those of the command line. */
  readonly set: readonly string[]
  /** Names of Thinkers; none: the usual ones. */
  readonly thinkers: readonly string[]
  /** Of the record. Default: made from the configuration and what is evaluated. */
  readonly name?: string | undefined
  readonly replay: boolean
  /** Continue a record that was begun with other settings. */
  readonly allowConfigChange: boolean
  /** Default: the `editor` block. */
  readonly editor?: string | undefined
}

export interface EvalMade {
  readonly name: string
  readonly loaded: LoadedConfig
  readonly result: EvalResult
  readonly samples: Listed<Sample>
}

/** Makes, continues or finds the evaluation of some Thinkers under one Editor; `done` says what came of it. */
export async function evaluateThinkers<T>(
  context: Context,
  request: EvalRequest,
  done: (made: EvalMade) => Promise<T>,
): Promise<T> {
  const { projectPaths, defaultRunName, listSamples, evaluate } = await import('@dda-thinker/runs')
  const plan = async (loaded: LoadedConfig, warn?: (message: string) => void) => {
    const { eval: settings } = loaded.config
    const { runsDir } = projectPaths(loaded.config, loaded.dir)
    const choices = await chooseThinkers(request.thinkers, loaded.config, runsDir, warn)
    const what = {
      split: settings.split,
      limit: settings.limit ?? null,
      thinkers: choices.map(({ name, run, step }) => [name, run ?? null, step ?? null]),
    }
    return { choices, name: request.name ?? defaultRunName('evaluate', loaded.config, what) }
  }
  const runDir = async (loaded: LoadedConfig) => runFolder(loaded, (await plan(loaded)).name)
  const { set, editor, replay, allowConfigChange } = request
  return withSession(context, { set, editor, replay, runDir }, async (session) => {
    const { assembly, workspace, interrupt, progress, loaded } = session
    const { eval: settings } = loaded.config
    const { choices, name } = await plan(loaded, (message) => context.warn(message))
    const samples = await listSamples(workspace.paths, {
      split: settings.split as Split,
      ...(settings.limit === undefined ? {} : { limit: settings.limit }),
    })
    const runDir = await runDirOf(workspace, name)
    if (!replay && !existsSync(runDir)) {
      const size = { runsDir: workspace.paths.runsDir, samples: samples.length, thinkers: choices.length }
      sayEstimate(context, progress, await estimateOfEvaluation(loaded, size))
    }
    const result = await evaluate(
      assembly,
      {
        workspace,
        runDir,
        stop: interrupt.stop,
        signal: interrupt.signal,
        thinkers: await evalThinkers(choices, assembly),
        samples,
        allowConfigChange,
        printable: loaded.printable,
      },
      showProgress(context, progress),
    )
    progress.finish()
    await recordTimings(assembly, result.runDir)
    return done({ name, loaded, result, samples })
  })
}

/** The outcome of an evaluation that the same command continues. */
export function stopped(
  context: Context,
  name: string,
  { budget, runDir }: Pick<EvalResult, 'budget' | 'runDir'>,
  data: unknown,
): Outcome {
  const why = budget === undefined ? '' : `${budget.message} (${budget.code}). ${budget.next}\n`
  return {
    exitCode: exitCode(budget === undefined ? 'interrupted' : 'budget'),
    data,
    text: `${why}Stopped ${name}: ${runDir}\nContinue with: ${sameCommand(context)}`,
  }
}

export interface EvalLimits {
  /** Of all rollouts. */
  readonly maxMasked: number
  /** Of the last Thinker, under every Editor. */
  readonly minSolved: number | undefined
}

/** Warns of what is beyond the limits; the exit status that follows. */
export function checkLimits(
  context: Context,
  evaluations: readonly Readonly<Record<string, EvalSummary>>[],
  { maxMasked, minSolved }: EvalLimits,
): ExitCode {
  const masked = maskedFraction(Object.fromEntries(evaluations.flatMap((one, i) => prefixed(one, i))))
  const tooMany = masked > maxMasked
  if (tooMany) context.warn(maskedWarning(masked))
  const below =
    minSolved !== undefined &&
    evaluations.some((thinkers) => {
      const last = Object.values(thinkers).at(-1)
      return last?.solved === undefined || last.solved < minSolved
    })
  if (below) context.warn(`The last Thinker solves less than ${minSolved}.`)
  return tooMany ? exitCode('partial') : below ? exitCode('below') : 0
}

function prefixed(thinkers: Readonly<Record<string, EvalSummary>>, index: number): [string, EvalSummary][] {
  return Object.entries(thinkers).map(([name, summary]) => [`${index}/${name}`, summary])
}
