import { counts, type Rollout, type Sample, type Thinker, THINKER } from '@dda-thinker/plugin-api'
import { type Assembly, type Engine, isBudgetError, isInterruption, type RolloutRequest } from '@dda-thinker/core'
import { type Listed, Lookup, Scoreboard } from '@dda-thinker/evaluation'
import { type LineReplacement, writeFileAtomic } from '@dda-thinker/store'
import { scopesOf } from '../data/samples-file.ts'
import { EvalJournal, type Progress } from '../record/eval-journal.ts'
import type { RunEvents } from '../record/events.ts'
import { readJournal, rolloutLine, type ThinkerLine } from '../record/journal.ts'
import { runFile } from '../record/layout.ts'
import { configChanged, writeStatus, type RunStatus } from '../record/run-dir.ts'
import { stateAfter, statusError } from '../record/run-end.ts'
import type { EvalResult, EvalThinker, EvaluateOptions } from './evaluate-options.ts'
import { inFirstBatches } from './first-batches.ts'
import type { Job } from './open-job.ts'
import { isStopped } from './role-context.ts'
import { planSeed } from './seeds.ts'
import { budgetEnd } from './budget-end.ts'
import { withoutReward } from './unscored.ts'

/** Requests in one call of the Thinker; a continued evaluation begins at such a border, so batches stay the same. */
const BATCH = 128

interface Continued {
  readonly thinker: Thinker
  /** How the record of the Thinker begins. */
  readonly line: ThinkerLine
  readonly journal: EvalJournal
}

/** An evaluation whose roles are open and whose run directory is held: Thinker by Thinker, from where the journal ends. */
export class EvaluationJob {
  readonly #assembly: Assembly
  readonly #options: EvaluateOptions
  readonly #job: Job
  readonly #events: RunEvents
  readonly #total: number
  #done = 0

  constructor(job: Job, options: EvaluateOptions, events: RunEvents) {
    this.#assembly = job.assembly
    this.#options = options
    this.#job = job
    this.#events = events
    this.#total = options.thinkers.length * options.samples.length
  }

  async run(): Promise<EvalResult> {
    const { runDir, samples, thinkers, files } = this.#options
    const plans = new Map(thinkers.flatMap(({ name, plans }) => (plans === undefined ? [] : [[name, plans] as const])))
    const options = { samples: samples.length, batch: BATCH, plans, files }
    const journal = await EvalJournal.open(runFile(runDir, 'journal'), options)
    for (const { count, failed } of journal.progress.values()) this.#done += count - (this.#retries ? failed.length : 0)
    this.#events.onStart?.({ task: this.#options.task ?? 'evaluate', total: this.#total, done: this.#done })
    await this.#status('running')
    try {
      for (const thinker of thinkers) await this.#evaluate(thinker, journal)
      await journal.sync()
      return await this.#finish('finished')
    } catch (error) {
      await journal.flush().catch(() => undefined)
      if (isInterruption(error) || isBudgetError(error) || isStopped(this.#options))
        return await this.#finish('interrupted')
      await this.#status(stateAfter(error), error).catch(() => undefined)
      throw error
    } finally {
      await journal.close().catch(() => undefined)
    }
  }

  /** A replay asks nobody, so it can find out nothing more. */
  get #retries(): boolean {
    return !this.#options.workspace.cache.replay
  }

  async #evaluate(entry: EvalThinker, journal: EvalJournal): Promise<void> {
    const { samples } = this.#options
    await entry.prepare?.()
    const thinker = typeof entry.thinker === 'function' ? entry.thinker() : entry.thinker
    const line: ThinkerLine = { type: 'thinker', thinker: entry.name, fingerprint: thinker.fingerprint }
    const before = journal.progress.get(entry.name)
    if (before === undefined) journal.append(JSON.stringify(line))
    else await this.#continue(entry, before, { thinker, line, journal })
    const first = before?.count ?? 0
    if (first === samples.length) return
    const engine = this.#engine(entry, thinker)
    try {
      for await (const rollout of this.#made(engine, this.#requests(entry.name, stretch(samples, first)))) {
        journal.append(rolloutLine(0, rollout, entry.name))
        if (journal.buffered > 1 << 20) await journal.flush()
        await this.#tell(entry.name, rollout)
      }
    } finally {
      engine.dispose()
    }
  }

  /** Is it the Thinker of the record? Then what failed in passing is tried again; what came of it is kept, however it ends. */
  async #continue(
    entry: EvalThinker,
    { fingerprint, place, failed, samePlans }: Progress,
    { thinker, line, journal }: Continued,
  ): Promise<void> {
    const { samples, runDir, allowConfigChange } = this.#options
    const isSame = fingerprint === thinker.fingerprint
    const grown = !isSame && entry.plans !== undefined && samePlans
    if (!isSame && !grown && allowConfigChange !== true) throw configChanged(runDir, [`thinkers.${entry.name}`])
    const replaced: (LineReplacement & { readonly counted?: boolean })[] = grown
      ? [{ ...place, json: JSON.stringify(line) }]
      : []
    if (failed.length > 0 && this.#retries) {
      const isPolicy = entry.plans === undefined && thinker.cacheable !== true && !this.#isSlot(thinker)
      const again = failed.flatMap(({ index }) => samples.at(index) ?? [])
      const requests = (of: Iterable<Sample>) => [...this.#requests(entry.name, of)]
      const positions = () => new Map(requests(again).map(({ id }, i) => [id, failed[i]?.index ?? 0]))
      const whole = (from: number, to: number) => requests(stretch(samples, from, to))
      const engine = this.#engine(entry, isPolicy ? inFirstBatches(thinker, positions(), whole, BATCH) : thinker)
      const places = failed.values()
      try {
        for await (const rollout of this.#made(engine, this.#requests(entry.name, again))) {
          const at = places.next().value
          if (at !== undefined)
            replaced.push({ ...at, json: rolloutLine(0, rollout, entry.name), counted: counts(rollout.outcome) })
          await this.#tell(entry.name, rollout)
        }
      } catch (error) {
        // What ended the run may have been the first to say what failed these: only results are results.
        await journal.replace(replaced.filter((line) => line.counted !== false)).catch(() => undefined)
        throw error
      } finally {
        engine.dispose()
      }
    }
    await journal.replace(replaced)
  }

  /** A benchmark judges by rules of its own: here nothing is rewarded. */
  async *#made(engine: Engine, requests: Iterable<RolloutRequest>): AsyncGenerator<Rollout, void, void> {
    const isRewarded = this.#options.task !== 'benchmark'
    for await (const rollout of engine.run(requests)) yield isRewarded ? rollout : withoutReward(rollout)
  }

  #engine(entry: EvalThinker, thinker: Thinker): Engine {
    const { edits } = entry
    const scopes = scopesOf(this.#options.samples)
    return this.#job.engine({ thinker, scopes, planBatch: BATCH, ...(edits === undefined ? {} : { edits }) })
  }

  #isSlot(thinker: Thinker): boolean {
    return this.#assembly.has(THINKER) && this.#assembly.resolve(THINKER) === thinker
  }

  async #tell(thinker: string, rollout: Rollout): Promise<void> {
    this.#done += 1
    this.#events.onRollout?.({ step: 0, thinker, rollout, done: this.#done, total: this.#total })
    if (this.#done % BATCH === 0) await this.#status('running')
  }

  *#requests(thinker: string, samples: Iterable<Sample>): Generator<RolloutRequest, void, void> {
    const { seed } = this.#assembly.config
    for (const sample of samples) {
      const group = `eval/${thinker}/${sample.id}`
      const request = { id: `${group}/0`, sample, group, member: 0, step: 0 }
      yield { ...request, planSeed: planSeed(seed, 0, sample.id, 0), temperature: 0 }
    }
  }

  /** Scores come from the journal: what is reported is what is recorded. */
  async #finish(state: EvalResult['state']): Promise<EvalResult> {
    const { runDir } = this.#options
    let samples = new Lookup(this.#options.samples, ({ id }) => id)
    const boards = new Map<string, Scoreboard>()
    for await (const line of readJournal(runDir)) {
      if (line.type === 'thinker') {
        boards.set(line.thinker, new Scoreboard())
        samples = new Lookup(this.#options.samples, ({ id }) => id)
      }
      if (line.type !== 'rollout') continue
      const sample = samples.get(line.rollout.sampleId)
      if (sample !== undefined) boards.get(line.thinker ?? '')?.add(line.rollout, sample)
    }
    const { confidence } = this.#assembly.config.eval
    const thinkers = Object.fromEntries([...boards].map(([name, board]) => [name, board.summary(confidence)]))
    if (state === 'finished' && this.#options.task !== 'benchmark') {
      await writeFileAtomic(runFile(runDir, 'scores'), `${JSON.stringify(thinkers, undefined, 2)}\n`)
    }
    const stopped = state === 'interrupted'
    await this.#status(state, stopped ? this.#job.ledger.refusal : undefined)
    return { state, runDir, ...(stopped ? budgetEnd(this.#job.ledger) : {}), thinkers }
  }

  #status(state: RunStatus['state'], error?: unknown): Promise<void> {
    const why = error === undefined ? {} : { error: statusError(error) }
    return writeStatus(this.#options.runDir, { state, step: this.#done, steps: this.#total, ...why })
  }
}

/** From one place to before another. */
function* stretch<T>(list: Listed<T>, from: number, to: number = list.length): Generator<T, void, void> {
  let place = 0
  // One by one where that is little: lists may be files.
  if (to - from <= BATCH) {
    for (place = from; place < Math.min(to, list.length); place++) yield list.at(place) as T
    return
  }
  for (const value of list) if (place++ >= from) yield value
}
