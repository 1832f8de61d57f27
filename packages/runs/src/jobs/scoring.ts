import { EDITOR, JUDGES, REWARD, type Rollout } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import { type EvalSummary, Scoreboard } from '@dda-thinker/evaluation'
import { AppendLog, writeFileAtomic } from '@dda-thinker/store'
import { SampleDesk } from '../data/sample-desk.ts'
import type { RunEvents } from '../record/events.ts'
import { readJournal, repeatedLine, rolloutLine, type ThinkerLine } from '../record/journal.ts'
import { runFile } from '../record/layout.ts'
import { workOnRun } from './work-on-run.ts'
import { makeManifest } from '../record/manifest.ts'
import { claimManifest, readRun, type RunStatus, writeStatus } from '../record/run-dir.ts'
import { stateAfter, statusError } from '../record/run-end.ts'
import { type Job, openJob } from './open-job.ts'
import { PlanScoring, type Scoring, type ScoreTask } from './plan-scoring.ts'
import { openBooks } from './open-books.ts'
import { warner } from './role-context.ts'
import { budgetEnd, type BudgetEnd } from './budget-end.ts'
import type { RunOptions } from './run-options.ts'

/** Under this name the journal keeps plans that somebody else's policy wrote. */
const SERVED = 'served'
/** Milliseconds after which people are told how far it is. By the clock: of what is in memory already there are thousands a second. */
const STATUS_EVERY_MS = 2000

export interface ScoringOptions extends RunOptions {
  /** Soft end: edits under way finish, nothing new is bought. Requests are refused from then on. */
  readonly stop?: AbortSignal
}

export interface ScoringResult {
  readonly state: 'finished' | 'interrupted'
  readonly runDir: string
  /** Where it may spend no more. */
  readonly budget?: BudgetEnd
  /** Rollouts on the record, of all sessions. */
  readonly rollouts: number
  /** Of this session alone. */
  readonly scores: EvalSummary
}

/**
 * Opens the roles that score plans and a run that keeps what comes of them, and closes both when the work is done. The same run
 * directory again goes on with the same record.
 *
 * @throws DdaError `DDA_RUN_LOCKED`, `DDA_RUN_CONFIG_CHANGED`, `DDA_DISK_FULL`; whatever ended the run, see `Scoring.ended`
 */
export async function withScoring(
  assembly: Assembly,
  options: ScoringOptions,
  events: RunEvents,
  work: (scoring: Scoring) => Promise<void>,
): Promise<ScoringResult> {
  const { runDir } = options
  const warn = warner(assembly, events)
  return workOnRun(assembly, options, events, async (signal) => {
    const samples = await SampleDesk.open(options.workspace, runFile(runDir, 'samples'))
    let job: Job | undefined
    try {
      job = await openJob(assembly, { ...options, signal }, [EDITOR, REWARD, JUDGES], events)
      const { printable, workspace } = options
      const manifest = await makeManifest(assembly, 'serve', {}, samples.data, printable, workspace.paths.root)
      await claimManifest(runDir, manifest, options.allowConfigChange ?? false, warn)
      await openBooks(job.ledger, runFile(runDir, 'spending'), { files: options.files, warn })
      return await new ScoringRun(job, samples, options, events).run(work)
    } finally {
      await samples.close()
      await job?.ledger.close().catch(() => undefined)
    }
  })
}

class ScoringRun {
  readonly #job: Job
  readonly #options: ScoringOptions
  readonly #events: RunEvents
  readonly #scoring: PlanScoring
  /** Of this session. */
  readonly #board = new Scoreboard()
  /** Has another session recorded something? */
  #continued = false
  #log: AppendLog | undefined
  #session = ''
  #begun = 0
  #done = 0
  /** When its status was written last. */
  #told = performance.now()
  #failure: { readonly error: unknown } | undefined

  constructor(job: Job, samples: SampleDesk, options: ScoringOptions, events: RunEvents) {
    this.#job = job
    this.#options = options
    this.#events = events
    this.#scoring = new PlanScoring({
      job,
      samples,
      thinker: SERVED,
      nextId: () => this.#nextId(),
      record: (rollout, task, first) => this.#record(rollout, task, first),
      failed: (error) => {
        // The first failure of the run itself is what it ends with.
        this.#failure ??= { error }
      },
    })
  }

  async run(work: (scoring: Scoring) => Promise<void>): Promise<ScoringResult> {
    const { runDir, files } = this.#options
    const log = await AppendLog.open(runFile(runDir, 'journal'), files === undefined ? {} : { files })
    this.#log = log
    this.#continued = log.size > 0
    // Of a session that was killed it may lack the last ones; it is only told to people.
    this.#done = (await readRun(runDir)).status.step
    if (log.size === 0)
      log.append(JSON.stringify({ type: 'thinker', thinker: SERVED, fingerprint: SERVED } satisfies ThinkerLine))
    // Where the journal ended when the session began: no two sessions that recorded anything have this in common.
    this.#session = log.size.toString(36)
    await this.#status('running')
    this.#events.onStart?.({ task: 'serve', total: 0, done: this.#done })
    try {
      await work(this.#scoring)
      await log.sync()
    } catch (error) {
      this.#scoring.fail(error)
    } finally {
      this.#scoring.dispose()
      await log.close().catch((error: unknown) => this.#scoring.fail(error))
    }
    return this.#finish()
  }

  #nextId(): string {
    const id = `serve/${this.#session}/${this.#begun}`
    this.#begun += 1
    return id
  }

  async #record(rollout: Rollout, { step, sample }: ScoreTask, first?: Rollout): Promise<void> {
    const log = this.#log
    if (log === undefined) throw new TypeError('the journal is closed')
    log.append(first === undefined ? rolloutLine(step, rollout, SERVED) : repeatedLine(step, first, rollout, SERVED))
    this.#done += 1
    if (performance.now() - this.#told > STATUS_EVERY_MS) {
      this.#told = performance.now()
      void this.#status('running').catch(() => undefined)
    }
    await log.flush()
    this.#events.onRollout?.({ step, thinker: SERVED, rollout, done: this.#done, total: 0 })
    this.#board.add(rollout, sample)
  }

  async #finish(): Promise<ScoringResult> {
    const { runDir } = this.#options
    if (this.#failure !== undefined) {
      const { error } = this.#failure
      await this.#status(stateAfter(error), error).catch(() => undefined)
      throw error
    }
    const { ledger } = this.#scoring
    const { refusal } = ledger
    const state = refusal === undefined ? 'finished' : 'interrupted'
    const { confidence } = this.#job.assembly.config.eval
    const scores = this.#board.summary(confidence)
    const all = this.#continued ? (await this.#wholeBoard()).summary(confidence) : scores
    await writeFileAtomic(runFile(runDir, 'scores'), `${JSON.stringify({ [SERVED]: all }, undefined, 2)}\n`)
    await this.#status(state, refusal)
    return { state, runDir, ...budgetEnd(ledger), rollouts: this.#done, scores }
  }

  /** Of all sessions; what can no longer be told what it was about is left out. */
  async #wholeBoard(): Promise<Scoreboard> {
    const board = new Scoreboard()
    // A session that was killed had told fewer than it recorded.
    this.#done = 0
    for await (const line of readJournal(this.#options.runDir)) {
      if (line.type !== 'rollout') continue
      this.#done += 1
      const sample = await this.#scoring.samples.find(line.rollout.sampleId).catch(() => undefined)
      if (sample !== undefined) board.add(line.rollout, sample)
    }
    return board
  }

  #status(state: RunStatus['state'], error?: unknown): Promise<void> {
    const why = error === undefined ? {} : { error: statusError(error) }
    return writeStatus(this.#options.runDir, { state, step: this.#done, steps: this.#done, ...why })
  }
}
