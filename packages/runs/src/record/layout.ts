import { join } from 'node:path'
import { readSpending } from '@dda-thinker/core'
import { isDdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { readJson } from './read-json.ts'
import { PLUGIN_TIMINGS, SCORES } from '../shapes/record-shapes.ts'
import type { RunSpending } from '@dda-thinker/evaluation'
import type { EvalSummary } from '@dda-thinker/evaluation'

/**
 * What stands in a run directory, by its meaning; docs/reference/run-directory.md tells what each holds. Nobody else writes
 * these names.
 */
export const RUN_FILES = {
  /** What the run was made from: `RunManifest`. */
  manifest: 'run.json',
  /** How far it came: `RunStatus`. */
  status: 'status.json',
  /** The process that works on it. */
  lock: 'lock',
  /** Every rollout and step, append-only: `JournalLine`. */
  journal: 'journal.jsonl',
  /** One line a step: `MetricsLine`. */
  metrics: 'metrics.jsonl',
  /** Wall clock, one line a step: `TimingLine`. */
  timings: 'timings.jsonl',
  /** By stage and endpoint: `SpendingLine`. */
  spending: 'spending.jsonl',
  /** Calls of plugins and what they took. */
  pluginTimings: 'plugin-timings.json',
  /** Checklists that an evaluation was judged by where they are not those of the data: `ChecklistLine`. */
  checklists: 'checklists.jsonl',
  /** Of a service: samples that came with requests and are not those of the data. */
  samples: 'samples.jsonl',
  /** What people say of rollouts, append-only: `Annotation`. */
  annotations: 'annotations.jsonl',
  /** Folder of checkpoints. */
  checkpoints: 'checkpoints',
  /** Folder of the trained policy, for use elsewhere. */
  export: 'export',
  /** Of an evaluation: `EvalSummary` by Thinker. Not the `summary.json` of a report, which is about the headline. */
  scores: 'scores.json',
  /** Of a benchmark: rules, figures and problems by Thinker, differences, published numbers. */
  benchmark: 'benchmark.json',
  /** Folder of an external trainer: what it was given, and what it writes. */
  engine: 'engine',
  /** Folder of a benchmark's official layout, one folder a Thinker. */
  results: 'results',
} as const satisfies Readonly<Record<string, string>>

/** Of a run: one folder in that of the runs, whatever was given for a name. */
const RUN_NAME = /^[\p{L}\p{N}_][^/\\:*?"<>|\p{Cc}]*$/u

/**
 * Folder of a run.
 *
 * @throws DdaError `DDA_RUN_NAME` for a name that is none of a folder, or leads elsewhere
 */
export function runPath(runsDir: string, name: string): string {
  if (!RUN_NAME.test(name) || /[. ]$/.test(name) || Buffer.byteLength(name) > 200)
    throw errors.make('DDA_RUN_NAME', { name })
  return join(runsDir, name)
}

export type RunFile = keyof typeof RUN_FILES

/** Absolute path of a file of a run. */
export function runFile(runDir: string, file: RunFile): string {
  return join(runDir, RUN_FILES[file])
}

/** What a run spent in all its sessions; empty where nothing was, or where that cannot be read: only people read it here. */
export async function readRunSpending(runDir: string): Promise<RunSpending> {
  try {
    return await readSpending(runFile(runDir, 'spending'))
  } catch (error) {
    if (!isDdaError(error) || error.code !== 'DDA_FILE_SYSTEM') throw error
    return { rows: [], seconds: 0 }
  }
}

/** Calls of one function of one plugin, in all sessions of a run. */
export interface PluginTiming {
  readonly plugin: string
  readonly call: string
  readonly count: number
  /** Total milliseconds, overlapping calls each in full. */
  readonly ms: number
}

/** What plugins took in a run; `undefined` where nothing is recorded. @throws DdaError `DDA_RUN_CORRUPT` */
export function readPluginTimings(runDir: string): Promise<readonly PluginTiming[] | undefined> {
  return readJson<readonly PluginTiming[]>(runFile(runDir, 'pluginTimings'), PLUGIN_TIMINGS)
}

/** What a finished evaluation found, by Thinker; `undefined` where there is none. @throws DdaError `DDA_RUN_CORRUPT` */
export function readScores(runDir: string): Promise<Readonly<Record<string, EvalSummary>> | undefined> {
  return readJson(runFile(runDir, 'scores'), SCORES)
}
