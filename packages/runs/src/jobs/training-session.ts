import { isDdaError, type Plan } from '@dda-thinker/plugin-api'
import { type Assembly, isBudgetError, isInterruption } from '@dda-thinker/core'
import { nodeFiles } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { pruneCheckpoints, writeCheckpoint, type Checkpoint, type StepEnd } from '../record/checkpoints.ts'
import type { RunEvents } from '../record/events.ts'
import type { MetricsLine } from '../record/journal.ts'
import { runFile } from '../record/layout.ts'
import { readPlansAhead } from '../record/plans-ahead.ts'
import { workOnRun } from './work-on-run.ts'
import { openLogs, resume, type RunLogs } from '../record/resume.ts'
import { claimManifest, readRun, writeStatus, type RunStatus } from '../record/run-dir.ts'
import { openBooks } from './open-books.ts'
import { budgetEnd } from './budget-end.ts'
import { warner } from './role-context.ts'
import type { RunOptions } from './run-options.ts'
import type { TrainingPlan, TrainingSession, TrainResult } from './training-plan.ts'
import { stateAfter, statusError } from '../record/run-end.ts'

/**
 * The frame of every training run, reinforcement or supervised: lock, manifest, resume, steps, checkpoints, export, status.
 * On resume the journal is cut back to the last sound checkpoint and the steps after it are done again; edits and verdicts
 * come from the cache, so nothing is bought twice and the files equal those of an unbroken run, byte by byte.
 */
export async function runTraining(
  assembly: Assembly,
  options: RunOptions,
  plan: TrainingPlan,
  events: RunEvents,
): Promise<TrainResult> {
  const begun = Date.now()
  const { runDir } = options
  const warn = warner(assembly, events)
  return workOnRun(assembly, options, events, async (signal, lost) => {
    try {
      await claimManifest(runDir, plan.manifest, options.allowConfigChange ?? false, warn)
      const { resumed, plansAhead, logs } = await goOn(plan, options, warn).catch(async (error: unknown) => {
        if (!lost.aborted) await noteNotBegun(runDir, plan.steps, error)
        throw inRun(error, runDir)
      })
      return await new Frame({ ...options, signal, lost }, plan, resumed, logs, events).run(assembly, plansAhead, begun)
    } finally {
      await plan.ledger.close().catch(() => undefined)
    }
  })
}

/** From where the run goes on, with what it appends to. */
async function goOn(plan: TrainingPlan, { runDir, files }: RunOptions, warn: (message: string) => void) {
  await openBooks(plan.ledger, runFile(runDir, 'spending'), { files, warn })
  const resumed = await resume(plan.trainer, plan.initFrom, runDir, warn)
  const plansAhead = await plansOf(resumed)
  return { resumed, plansAhead, logs: await openLogs(runDir, resumed, files, warn) }
}

/** A run that could not go on is what this made of it, not what it was before: finished, say. */
async function noteNotBegun(runDir: string, steps: number, error: unknown): Promise<void> {
  const state = isInterruption(error) ? 'interrupted' : stateAfter(error)
  const step = await readRun(runDir).then(
    ({ status }) => status.step,
    () => 0,
  )
  await writeStatus(runDir, { state, step, steps, error: statusError(error) }).catch(() => undefined)
}

class Frame {
  readonly #options: RunOptions & { readonly lost: AbortSignal }
  readonly #plan: TrainingPlan
  readonly #logs: RunLogs
  readonly #events: RunEvents
  readonly #resumedFrom: number
  /** Last finished step and the files' lengths at its end. */
  #done: StepEnd
  #checkpoint: Checkpoint | undefined

  constructor(
    options: RunOptions & { readonly lost: AbortSignal },
    plan: TrainingPlan,
    resumed: Checkpoint | undefined,
    logs: RunLogs,
    events: RunEvents,
  ) {
    this.#options = options
    this.#plan = plan
    this.#logs = logs
    this.#events = events
    this.#checkpoint = resumed
    this.#resumedFrom = resumed?.step ?? 0
    this.#done = this.#endOf(this.#resumedFrom, plan.trainer.policyVersion)
  }

  async run(assembly: Assembly, plansAhead: TrainingSession['plansAhead'], begun: number): Promise<TrainResult> {
    const { runDir, stop, signal, lost } = this.#options
    const { steps, manifest } = this.#plan
    const session: TrainingSession = { journal: this.#logs.journal, plansAhead, updating: false }
    const stopped = () => stop?.aborted === true || signal?.aborted === true
    let exported: readonly string[] = []
    let closed = false
    try {
      this.#events.onStart?.({
        task: manifest.task,
        total: steps,
        done: this.#done.step,
        ...(this.#resumedFrom === 0 ? {} : { resumedFrom: this.#resumedFrom }),
      })
      await this.#status('running')
      while (this.#done.step < steps && !stopped()) {
        await this.#step(this.#done.step + 1, session)
        if (this.#done.step % this.#plan.checkpointEvery === 0) await this.#writeCheckpoint()
      }
      lost.throwIfAborted()
      const state = this.#done.step >= steps ? 'finished' : 'interrupted'
      if (state === 'finished' || this.#mayRest()) await this.#writeCheckpoint()
      if (state === 'finished') {
        // A process that was killed behind its last checkpoint may have left those that were one too many, or parts of them.
        const { keepCheckpoints } = this.#plan
        await pruneCheckpoints(runDir, keepCheckpoints, this.#done.step, this.#options.files)
        exported = await this.#export()
      }
      await this.#closeLogs()
      closed = true
      await this.#status(state, state === 'interrupted' ? this.#plan.ledger.refusal : undefined)
      return this.#result(state, exported, begun)
    } catch (error) {
      if (lost.aborted) {
        await this.#closeLogs().catch(() => undefined)
        throw error
      }
      const asked = isInterruption(error) || isBudgetError(error) || signal?.aborted === true
      const state = asked ? 'interrupted' : stateAfter(error)
      // Between steps the trainer is whole, so the steps since the last checkpoint need not be lost. The error that ended
      // the run is the one to report, also where the disk has no room for this.
      if (!session.updating && this.#mayRest()) await this.#writeCheckpoint().catch(() => undefined)
      if (!closed) await this.#closeLogs().catch(() => undefined)
      await this.#status(state, asked ? this.#plan.ledger.refusal : error).catch(() => undefined)
      if (state === 'interrupted') return this.#result(state, exported, begun)
      throw inRun(error, runDir)
    }
  }

  #endOf(step: number, policyVersion: number): StepEnd {
    const { journal, metrics } = this.#logs
    return {
      step,
      policyVersion,
      journalBytes: journal.size,
      metricsBytes: metrics.size,
      ...(journal.sha256 === undefined ? {} : { journalSha256: journal.sha256 }),
      ...(metrics.sha256 === undefined ? {} : { metricsSha256: metrics.sha256 }),
    }
  }

  #mayRest(): boolean {
    return this.#plan.savesAtAnyStep ?? true
  }

  async #step(step: number, session: TrainingSession): Promise<void> {
    const result = await this.#plan.runStep(step, session)
    const { journal, metrics, timings } = this.#logs
    journal.append(JSON.stringify(result.line))
    const { policyVersion, causes } = result
    const line: MetricsLine = { step, policyVersion, metrics: result.metrics, ...(causes.length > 0 && { causes }) }
    metrics.append(JSON.stringify(line))
    timings?.append(JSON.stringify(result.timing))
    this.#done = this.#endOf(step, result.policyVersion)
    session.updating = false
    await Promise.all([journal.flush(), metrics.flush(), timings?.flush()])
    await this.#status('running')
    const { timing } = result
    this.#events.onStep?.({
      step,
      steps: this.#plan.steps,
      policyVersion: result.policyVersion,
      metrics: result.metrics,
      seconds: timing.seconds,
      rollouts: timing.rollouts,
      counts: { scored: result.line.scored, gated: result.line.gated, masked: result.line.masked },
      edits: timing.edits,
    })
  }

  /** Nothing to do where the last finished step has one. What it points to reaches the disk first. */
  async #writeCheckpoint(): Promise<void> {
    const { step } = this.#done
    if (step === 0 || this.#checkpoint?.step === step) return
    const { runDir, workspace, files } = this.#options
    await this.#logs.journal.sync()
    await this.#logs.metrics.sync()
    await workspace.cache.sync()
    const { trainer, keepCheckpoints } = this.#plan
    const content = {
      save: (folder: string) => trainer.save(folder),
      plansAhead: this.#plan.plansOf?.(step + 1) ?? [],
    }
    this.#checkpoint = await writeCheckpoint(runDir, this.#done, content, keepCheckpoints, files)
    this.#events.onCheckpoint?.({ step, folder: this.#checkpoint.folder })
  }

  async #export(): Promise<readonly string[]> {
    const { trainer } = this.#plan
    if (trainer.export === undefined) return []
    const folder = runFile(this.#options.runDir, 'export')
    await nodeFiles.mkdir(folder, { recursive: true })
    return trainer.export(folder)
  }

  async #closeLogs(): Promise<void> {
    const { journal, metrics, timings } = this.#logs
    const ends = await Promise.allSettled([journal.close(), metrics.close(), timings?.close()])
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  #status(state: RunStatus['state'], error?: unknown): Promise<void> {
    const { step } = this.#done
    const why = error === undefined ? {} : { error: statusError(error) }
    return writeStatus(this.#options.runDir, { state, step, steps: this.#plan.steps, ...why })
  }

  #result(state: TrainResult['state'], exported: readonly string[], begun: number): TrainResult {
    return {
      state,
      step: this.#done.step,
      steps: this.#plan.steps,
      resumedFrom: this.#resumedFrom,
      runDir: this.#options.runDir,
      ...(state === 'interrupted' ? budgetEnd(this.#plan.ledger) : {}),
      ...(this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint.folder }),
      exported,
      seconds: (Date.now() - begun) / 1000,
    }
  }
}

async function plansOf(resumed: Checkpoint | undefined): Promise<TrainingSession['plansAhead']> {
  return resumed?.plansAhead === undefined ? new Map<string, Plan>() : readPlansAhead(resumed.folder)
}

function inRun(error: unknown, runDir: string): unknown {
  if (isDdaError(error)) return error
  return errors.make(
    'DDA_INTERNAL',
    { message: error instanceof Error ? error.message : String(error) },
    { location: runDir, cause: error },
  )
}
