import { JOURNAL_LINE } from '../shapes/record-shapes.ts'
import { shapeOf } from '../shapes/shape.ts'
import { failedInPassing, type Plan } from '@dda-thinker/plugin-api'
import { AppendLog, type Files, type LineReplacement, readLinesWithEnds, replaceLines } from '@dda-thinker/store'
import type { JournalLine, ThinkerLine } from './journal.ts'

/** Where a line of the journal stands, in bytes. */
type Place = Pick<LineReplacement, 'start' | 'end'>

/** What is recorded of one Thinker. */
export interface Progress {
  readonly fingerprint: string
  /** The line that says so. */
  readonly place: Place
  /** Rollouts that are kept. */
  count: number
  /** Offset in the journal behind them. */
  end: number
  /** Of the kept: those that failed in passing, by their position among the samples. */
  failed: readonly (Place & { readonly index: number })[]
  /** Whether each kept plan is the one of {@link EvalJournalOptions.plans}. */
  samePlans: boolean
}

export interface EvalJournalOptions {
  /** Number of samples. */
  readonly samples: number
  /** Only whole batches are kept, so that a continued evaluation plans in the same ones. */
  readonly batch: number
  /** Where nothing is planned: the plans of a record, by Thinker and sample. */
  readonly plans: ReadonlyMap<string, Pick<ReadonlyMap<string, Plan>, 'get'>>
  readonly files?: Files | undefined
}

/**
 * The journal of an evaluation: lines are added in the order of Thinkers and samples, and those of rollouts that failed in passing are
 * replaced when these were tried again. So it ends as that of an evaluation without the failures, byte by byte.
 */
export class EvalJournal {
  readonly #path: string
  readonly #options: EvalJournalOptions
  #progress: ReadonlyMap<string, Progress>
  #log: AppendLog | undefined

  private constructor(path: string, options: EvalJournalOptions, progress: ReadonlyMap<string, Progress>) {
    this.#path = path
    this.#options = options
    this.#progress = progress
  }

  static async open(path: string, options: EvalJournalOptions): Promise<EvalJournal> {
    const journal = new EvalJournal(path, options, await findProgress(path, options))
    await journal.#open()
    return journal
  }

  /** By name of the Thinker. */
  get progress(): ReadonlyMap<string, Progress> {
    return this.#progress
  }

  /** Bytes waiting to be written. */
  get buffered(): number {
    return this.#log?.buffered ?? 0
  }

  append(json: string): void {
    this.#opened.append(json)
  }

  /** Lines of {@link progress} that others take the place of, in the order of the file; all or nothing. */
  async replace(lines: readonly LineReplacement[]): Promise<void> {
    if (lines.length === 0) return
    await this.close()
    await replaceLines(this.#path, lines, this.#options.files)
    this.#progress = await findProgress(this.#path, this.#options)
    await this.#open()
  }

  async flush(): Promise<void> {
    await this.#opened.flush()
  }

  async sync(): Promise<void> {
    await this.#opened.sync()
  }

  async close(): Promise<void> {
    const log = this.#log
    this.#log = undefined
    await log?.close()
  }

  async #open(): Promise<void> {
    const keep = Math.max(0, ...[...this.#progress.values()].map(({ end }) => end))
    const { files } = this.#options
    this.#log = await AppendLog.open(this.#path, { keep, ...(files === undefined ? {} : { files }) })
  }

  get #opened(): AppendLog {
    if (this.#log === undefined) throw new TypeError('the journal is closed')
    return this.#log
  }
}

/** What earlier calls recorded: whole Thinkers, then whole batches of the one they were at. */
async function findProgress(path: string, options: EvalJournalOptions): Promise<Map<string, Progress>> {
  const { samples, batch } = options
  const found = new Map<string, Progress>()
  let current: Progress | undefined
  let plans: Pick<ReadonlyMap<string, Plan>, 'get'> | undefined
  let count = 0
  let start = 0
  /** Of the batch at hand. */
  let failed: Progress['failed'][number][] = []
  for await (const { value, end } of readLinesWithEnds<JournalLine>(path, { check: shapeOf(JOURNAL_LINE) })) {
    const place = { start, end }
    start = end
    if (value.type === 'thinker') {
      if (current !== undefined && current.count < samples) break
      count = 0
      failed = []
      current = begun(value, place)
      plans = options.plans.get(value.thinker)
      found.set(value.thinker, current)
    } else if (value.type === 'rollout' && current !== undefined) {
      const { outcome, plan, sampleId } = value.rollout
      if (failedInPassing(outcome)) failed.push({ ...place, index: count })
      if (plan !== undefined && plans !== undefined && plans.get(sampleId)?.text !== plan.text)
        current.samePlans = false
      count += 1
      if (count % batch !== 0 && count !== samples) continue
      current.count = count
      current.end = end
      current.failed = [...current.failed, ...failed]
      failed = []
    }
  }
  return found
}

function begun({ fingerprint }: ThinkerLine, place: Place): Progress {
  return { fingerprint, place, count: 0, end: place.end, failed: [], samePlans: true }
}
