import { type FailureCause, FailureCauses } from '@dda-thinker/evaluation'
import { readLines } from '@dda-thinker/store'
import { newestStepEnd } from './checkpoints.ts'
import { type JournalLine, type MetricsLine, readMetrics } from './journal.ts'
import { readScores, runFile } from './layout.ts'
import type { RunInfo } from './run-dir.ts'

/** Why rollouts are masked, by Thinker; who has none is left out. */
export type CausesByThinker = Readonly<Record<string, readonly FailureCause[]>>

/** Under what name those of a training run are. */
const TRAINING = 'train'

/**
 * Why rollouts of a run are masked; those of a training run are under its task, `train`. What was added up while the run was made is
 * taken from there, so that this takes no longer where the journal is long. Broken lines are left out: nothing but what people are shown
 * depends on it.
 */
export async function readCauses(run: RunInfo): Promise<CausesByThinker> {
  return (await countedBefore(run)) ?? causesInJournal(run.dir)
}

/** The same from the rollouts in the journal. */
export async function causesInJournal(
  runDir: string,
  { from = 0, after = -1, known = [] }: JournalRest = {},
): Promise<CausesByThinker> {
  const tallies = new Map<string, FailureCauses>()
  const tallyOf = (name: string): FailureCauses => {
    const tally = tallies.get(name) ?? new FailureCauses()
    tallies.set(name, tally)
    return tally
  }
  if (known.length > 0) tallyOf(TRAINING).merge(known)
  for await (const line of readLines<JournalLine>(runFile(runDir, 'journal'), { from, onBroken: () => undefined })) {
    if (line.type !== 'rollout' || line.step <= after || line.rollout.outcome.kind !== 'masked') continue
    tallyOf(line.thinker ?? TRAINING).add(line.rollout)
  }
  return Object.fromEntries([...tallies].map(([name, tally]) => [name, tally.list()]))
}

interface JournalRest {
  /** Offset of the line to begin with. Default 0. */
  readonly from?: number
  /** The last step whose rollouts are known. Default: none is. */
  readonly after?: number
  /** Causes of those. */
  readonly known?: readonly FailureCause[]
}

/** Undefined where they were not added up, as in runs of older versions. */
async function countedBefore(run: RunInfo): Promise<CausesByThinker | undefined> {
  const isFinished = run.status.state === 'finished'
  if (run.manifest.task === 'train')
    return causesBySteps(run.dir, await readMetrics(run.dir, () => undefined), isFinished)
  return isFinished ? causesInScores(run.dir) : undefined
}

/** Causes of a training run by its steps. What belongs to a step that has not ended follows the newest checkpoint in the journal. */
async function causesBySteps(
  runDir: string,
  steps: readonly MetricsLine[],
  isFinished: boolean,
): Promise<CausesByThinker | undefined> {
  const last = steps.at(-1)?.step ?? 0
  const isWhole =
    steps.length === last && steps.every(({ causes, metrics }) => causes || metrics['rollout/masked'] === 0)
  if (!isWhole) return undefined
  const tally = new FailureCauses()
  for (const { causes = [] } of steps) tally.merge(causes)
  const known = tally.list()
  if (isFinished) return known.length === 0 ? {} : { [TRAINING]: known }
  const from = (await newestStepEnd(runDir))?.journalBytes ?? 0
  return causesInJournal(runDir, { from, after: last, known })
}

async function causesInScores(runDir: string): Promise<CausesByThinker | undefined> {
  const scores = await readScores(runDir)
  const found: Record<string, readonly FailureCause[]> = {}
  for (const [name, { causes }] of Object.entries(scores ?? {})) {
    // Scores of older versions have none.
    if ((causes as typeof causes | undefined) === undefined) return undefined
    if (causes.length > 0) found[name] = causes
  }
  return scores === undefined ? undefined : found
}
