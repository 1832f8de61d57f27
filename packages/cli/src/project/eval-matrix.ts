import type { EvalResult } from '@dda-thinker/runs'
import type { LoadedConfig } from '@dda-thinker/config'
import type { Listed, MatrixDifference, MatrixDifferences } from '@dda-thinker/evaluation'
import { EDITOR, type Sample } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { intervalText } from './comparison.ts'
import { checkLimits, type EvalLimits, type EvalRequest, evaluateThinkers, stopped } from './eval-run.ts'
import { evalTable } from '../terminal/eval-table.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { readRunArms } from './records.ts'
import { reevaluate } from './reevaluation.ts'
import { formatTable, signed } from '../terminal/table.ts'

/** An Editor of an evaluation. */
export interface EditorChoice {
  /** In tables and records. */
  readonly name: string
  /** For the loader; absent: the `editor` block. */
  readonly editor?: string
}

/** The Editors asked for, or those of the configuration: `editor`, then `eval.editors`. */
export async function chooseEditors(
  context: Context,
  { set }: Pick<EvalRequest, 'set'>,
  given: readonly string[],
): Promise<readonly EditorChoice[]> {
  if (given.length > 0) return [...new Set(given)].map((editor) => ({ name: editor, editor }))
  const { loadConfig } = await import('@dda-thinker/config')
  // The core's keys alone: each Editor's session loads what it needs.
  const base = { cwd: context.cwd, file: context.config, set: [...context.set, ...set], check: [] }
  const { editor, eval: settings } = (await loadConfig(base)).config
  const named = Object.keys(settings.editors ?? {}).map((name): EditorChoice => ({ name, editor: name }))
  if (editor === undefined) return named
  const own = editor.id ?? editor.use
  return [{ name: named.some(({ name }) => name === own) ? 'editor' : own }, ...named]
}

interface Column {
  readonly name: string
  readonly run: string
  /** Fingerprint of the Editor. */
  readonly editor: string
  readonly result: EvalResult
}

/**
 * Every Thinker under every Editor. The first Editor's evaluation makes the plans, those of the others take them from its
 * record: what differs between two Editors is then the Editor's alone, and nothing is planned twice. Each Editor has a
 * record of its own, so the same command continues where it was stopped.
 */
export async function evaluateMatrix(
  context: Context,
  request: EvalRequest,
  editors: readonly EditorChoice[],
  limits: EvalLimits,
): Promise<Outcome> {
  const { readRun } = await import('@dda-thinker/runs')
  const { matrixDifferences } = await import('@dda-thinker/evaluation')
  const columns: Column[] = []
  let samples: Listed<Sample> = []
  let loaded: LoadedConfig | undefined
  for (const { name, editor } of editors) {
    const own = request.name === undefined ? undefined : `${request.name}-${slug(name)}`
    const [first] = columns
    const made =
      first === undefined
        ? await evaluateThinkers(context, { ...request, editor, name: own }, async (found) => found)
        : await replayPlans(context, { ...request, editor, name: own }, first.run)
    loaded ??= made.loaded
    if (first === undefined) ({ samples } = made)
    const { manifest } = await readRun(made.result.runDir)
    const fingerprint = String(manifest.fingerprints[EDITOR.id] ?? 'unknown')
    columns.push({ name, run: made.name, editor: fingerprint, result: made.result })
    if (made.result.state === 'interrupted') return stopped(context, made.name, made.result, dataOf(columns))
  }
  if (loaded === undefined) {
    throw errors.make('DDA_USAGE/no-editor')
  }
  const { confidence, split } = loaded.config.eval
  const arms = await Promise.all(
    columns.map(async ({ name, run }) => ({ editor: name, arms: await readRunArms(loaded, run) })),
  )
  const differences = matrixDifferences(arms, samples, { confidence, seed: loaded.config.seed })
  return {
    exitCode: checkLimits(
      context,
      columns.map(({ result }) => result.thinkers),
      limits,
    ),
    data: { split, confidence, ...dataOf(columns), differences },
    text: [
      evalTable(Object.fromEntries(columns.flatMap(({ name, result }) => labelled(name, result.thinkers)))),
      differenceTables(differences, confidence),
      `${samples.length} ${split} samples, ${confidence * 100} % intervals: Wilson for rates, bootstrap over pairs for differences.`,
      `Records: ${columns.map(({ run }) => run).join(', ')}`,
    ].join('\n\n'),
  }
}

async function replayPlans(context: Context, request: EvalRequest, source: string) {
  const { reedit } = await import('@dda-thinker/runs')
  let found: { name: string; loaded: LoadedConfig; result: EvalResult; samples: Listed<Sample> } | undefined
  const { set, editor, name, replay, allowConfigChange } = request
  const what = { plansOf: source }
  await reevaluate(
    context,
    { reference: source, set, editor, name, what, replay, allowConfigChange, run: reedit, alsoStopped: true },
    async (made) => {
      const { samples, ...result } = made.result
      found = { name: made.name, loaded: made.loaded, result, samples }
      return { exitCode: 0, data: {}, text: '' }
    },
  )
  if (found === undefined) throw new TypeError(`nothing came of the plans of ${source}`)
  return found
}

function dataOf(columns: readonly Column[]) {
  return {
    state: columns.at(-1)?.result.state ?? 'finished',
    /** The record of each Editor. */
    editors: columns.map(({ name, run, editor }) => ({ name, run, editor })),
    /** By Editor, then by Thinker. */
    matrix: Object.fromEntries(columns.map(({ name, result }) => [name, result.thinkers])),
  }
}

function labelled<T>(editor: string, thinkers: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(thinkers).map(([thinker, summary]) => [`${thinker} @ ${editor}`, summary])
}

function differenceTables({ thinkers, editors }: MatrixDifferences, confidence: number): string {
  const table = (title: string, rows: readonly MatrixDifference[]) =>
    formatTable(
      [
        { title },
        { title: 'b − a' },
        { title: 'pairs', align: 'right' },
        { title: 'solved', align: 'right' },
        { title: `${confidence * 100} % interval`, align: 'right' },
        { title: 'reward', align: 'right' },
        { title: `${confidence * 100} % interval`, align: 'right' },
      ],
      rows.map(({ under, a, b, pairs, solved, reward }) => [
        under,
        `${b} − ${a}`,
        String(pairs),
        signed(solved.value),
        intervalText(solved),
        signed(reward.value),
        intervalText(reward),
      ]),
    )
  const tables = [
    ...(editors.length > 0 ? [table('Editors, same plans: Thinker', editors)] : []),
    ...(thinkers.length > 0 ? [table('Thinkers: Editor', thinkers)] : []),
  ]
  return tables.join('\n\n')
}

/** For the name of a folder. */
function slug(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[-.]+|-+$/g, '')
}
