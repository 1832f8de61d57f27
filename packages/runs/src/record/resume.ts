import { isDdaError, type TrainedPolicy } from '@dda-thinker/plugin-api'
import { AppendLog, fileError, type Files, hashOfStart, nodeFiles } from '@dda-thinker/store'
import { soundCheckpoints, verifyCheckpoint, type Checkpoint } from './checkpoints.ts'
import { runFile, type RunFile } from './layout.ts'
import { errors } from '../errors.ts'

/** The files that a training run appends to. */
export interface RunLogs {
  readonly journal: AppendLog
  readonly metrics: AppendLog
  /** None where it cannot be opened: only people read it. */
  readonly timings: AppendLog | undefined
}

/** Opens the logs, cut back to a checkpoint's step; without one, journal and metrics begin anew. */
export async function openLogs(
  runDir: string,
  resumed: Checkpoint | undefined,
  files: Files | undefined,
  warn: (message: string) => void,
): Promise<RunLogs> {
  const open = (file: RunFile, keep?: number) =>
    AppendLog.open(runFile(runDir, file), {
      ...(keep === undefined ? {} : { keep }),
      ...(files === undefined ? {} : { files }),
      hashed: file !== 'timings',
    })
  const opened: AppendLog[] = []
  try {
    const journal = await open('journal', resumed?.journalBytes ?? 0)
    opened.push(journal)
    const metrics = await open('metrics', resumed?.metricsBytes ?? 0)
    opened.push(metrics)
    const timings = await open('timings').catch((error: unknown) => {
      if (!isDdaError(error) || error.code !== 'DDA_FILE_SYSTEM') throw error
      warn(`What steps take is not kept: ${error.message}`)
      return undefined
    })
    return { journal, metrics, timings }
  } catch (error) {
    for (const log of opened) await log.close().catch(() => undefined)
    throw error
  }
}

/**
 * Loads the newest checkpoint that is sound, that the trainer accepts and whose journal and metrics are as they were at its step.
 *
 * @throws DdaError `DDA_RUN_CORRUPT` where these changed before every checkpoint there is: to begin anew would delete them.
 */
export async function resume(
  trainer: TrainedPolicy,
  initFrom: string | undefined,
  runDir: string,
  warn: (message: string) => void,
): Promise<Checkpoint | undefined> {
  const journal = await sizeOf(runFile(runDir, 'journal'))
  const metrics = await sizeOf(runFile(runDir, 'metrics'))
  let damaged: string | undefined
  for await (const checkpoint of soundCheckpoints(runDir, warn)) {
    if (checkpoint.journalBytes > journal || checkpoint.metricsBytes > metrics) {
      warn(
        `Checkpoint ${checkpoint.folder} is ahead of the journal or metrics, which lost their end; it is passed over`,
      )
      continue
    }
    const changed = await changedFile(runDir, checkpoint)
    if (changed !== undefined) {
      damaged = changed
      warn(
        `${changed} was changed before the end of step ${checkpoint.step}; the checkpoint of that step is passed over`,
      )
      continue
    }
    try {
      await trainer.load(checkpoint.trainerFolder)
      return checkpoint
    } catch (error) {
      if (!isDdaError(error) || error.code !== 'DDA_CHECKPOINT_CORRUPT') throw error
      warn(`${error.message}; checkpoint ${checkpoint.folder} is passed over`)
    }
  }
  if (damaged !== undefined) {
    throw errors.make('DDA_RUN_CORRUPT/changed', { path: damaged }, { location: damaged })
  }
  if (initFrom !== undefined) await trainer.load((await verifyCheckpoint(initFrom)).trainerFolder)
  return undefined
}

/** The file whose beginning is not what it was when the checkpoint was written. */
async function changedFile(runDir: string, checkpoint: Checkpoint): Promise<string | undefined> {
  const { journalBytes, journalSha256, metricsBytes, metricsSha256 } = checkpoint
  const known: readonly (readonly [RunFile, number, string | undefined])[] = [
    ['journal', journalBytes, journalSha256],
    ['metrics', metricsBytes, metricsSha256],
  ]
  for (const [file, bytes, sha256] of known) {
    const path = runFile(runDir, file)
    if (sha256 === undefined) continue
    const found = await hashOfStart(path, bytes).catch((error: unknown) => {
      throw fileError(error, 'read', path)
    })
    if (found !== sha256) return path
  }
  return undefined
}

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await nodeFiles.stat(path)).size
  } catch {
    return 0
  }
}
