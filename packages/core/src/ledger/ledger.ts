import { type Cost, type DdaError, type ServiceCall, soundCost } from '@dda-thinker/plugin-api'
import { AppendLog, type Files } from '@dda-thinker/store'
import { budgetSpent, type Budget } from './budget.ts'
import { addCost, addFailure, addTo, SpendingSums, type SpendingStage } from '@dda-thinker/evaluation'
import { readSpending } from './read-spending.ts'

/** Seconds between two records of the time. A killed session loses at most so much of its own. */
const HEARTBEAT = 5

/**
 * What a run spends and may spend, in all its sessions: it appends to a file, which nothing cuts back. What costs
 * money or went over the wire is with the operating system before its result is used, so a killed process forgets no
 * expense; results of free roles follow within seconds. Without {@link open} it keeps its books in memory.
 */
export class Ledger {
  readonly budget: Budget
  readonly #sums = new SpendingSums()
  readonly #unwritten = new SpendingSums()
  /** Plugins whose costs come call by call. */
  readonly #metered = new Set<string>()
  readonly #stop = new AbortController()
  readonly #spent = { money: 0, edits: 0, judgeTokens: 0, seconds: 0 }
  /** Edits that were allowed and have not ended. */
  #editing = 0
  #log: AppendLog | undefined
  #since = performance.now()
  #timers: NodeJS.Timeout[] = []
  #refusal: DdaError | undefined

  constructor(budget: Budget = {}) {
    this.budget = budget
  }

  /** Aborted when the time is over; its reason is the error. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Why the run may not go on, once something was refused: `DDA_BUDGET_MONEY`, `_EDITS`, `_JUDGE_TOKENS`, `_SECONDS`. */
  get refusal(): DdaError | undefined {
    return this.#refusal
  }

  get sums(): SpendingSums {
    return this.#sums
  }

  /** Goes on with the books of a run, which must be locked, and lets the clock run. */
  async open(file: string, files?: Files): Promise<void> {
    const { rows, seconds } = await readSpending(file)
    for (const row of rows) {
      this.#sums.add(row)
      this.#count(row.stage, row)
      if (row.stage === 'edit' && row.endpoint === undefined) this.#spent.edits += row.results ?? 0
    }
    this.#spent.seconds += seconds
    this.#log = await AppendLog.open(file, files === undefined ? {} : { files })
    this.#since = performance.now()
    this.#write()
    this.#timers.push(setInterval(() => this.#beat(), HEARTBEAT * 1000).unref())
    const { seconds: limit } = this.budget
    if (limit === undefined) return
    const left = limit - this.#spent.seconds
    const end = () => this.#stop.abort(this.#refuse('seconds', limit))
    if (left <= 0) end()
    // Node's timers end at 2^31 ms, which is more than 24 days.
    else this.#timers.push(setTimeout(end, Math.min(left * 1000, 2 ** 31 - 1)).unref())
  }

  /**
   * To be asked before anything is bought. Whatever is under way may still end: money and tokens, which are known only
   * afterwards, can pass their limit by as much as that. Edits never do.
   *
   * @returns to be called when the result is there, or will not come
   * @throws DdaError `DDA_BUDGET_MONEY`, `DDA_BUDGET_EDITS`, `DDA_BUDGET_JUDGE_TOKENS`
   */
  reserve(stage: SpendingStage): () => void {
    const { money, edits, judgeTokens } = this.budget
    const { money: paid, edits: edited, judgeTokens: read } = this.#spent
    // Sums of decimal prices miss by a few parts in 10^16.
    if (money !== undefined && paid >= money - 1e-9) throw this.#refuse('money', money)
    if (stage === 'judge' && judgeTokens !== undefined && read >= judgeTokens) {
      throw this.#refuse('judgeTokens', judgeTokens)
    }
    if (stage !== 'edit') return () => undefined
    if (edits !== undefined && edited + this.#editing >= edits) throw this.#refuse('edits', edits)
    this.#editing += 1
    return () => void (this.#editing -= 1)
  }

  /** An exchange with a service has ended. */
  call(stage: SpendingStage, plugin: string, { endpoint, ms, failed, cost: said = {} }: ServiceCall): void {
    const cost = soundCost(said)
    this.#metered.add(plugin)
    for (const sums of [this.#sums, this.#unwritten]) {
      const row = sums.row(stage, plugin, endpoint)
      addTo(row, 'calls', 1)
      addTo(row, 'ms', ms)
      if (failed !== undefined) addFailure(row, failed)
      addCost(row, cost)
    }
    this.#count(stage, cost)
    this.#write()
  }

  /** A plan, an edit or a judgement has come. Resolves when the expense is recorded. */
  async result(stage: SpendingStage, plugin: string, said?: Cost): Promise<void> {
    const metered = this.#metered.has(plugin)
    const cost = metered ? {} : soundCost(said ?? {})
    for (const sums of [this.#sums, this.#unwritten]) {
      const row = sums.row(stage, plugin)
      addTo(row, 'results', 1)
      addCost(row, cost)
    }
    if (stage === 'edit') this.#spent.edits += 1
    this.#count(stage, cost)
    if (!metered && cost.money === undefined) return
    this.#write()
    await this.#log?.flush()
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    const log = this.#log
    if (log === undefined) return
    this.#beat()
    this.#log = undefined
    await log.close()
  }

  #count(stage: SpendingStage, { money = 0, inputTokens = 0, outputTokens = 0 }: Cost): void {
    this.#spent.money += money
    if (stage === 'judge') this.#spent.judgeTokens += inputTokens + outputTokens
  }

  #refuse(key: keyof Budget, limit: number): DdaError {
    this.#refusal ??= budgetSpent(key, limit)
    return this.#refusal
  }

  #beat(): void {
    const now = performance.now()
    const seconds = (now - this.#since) / 1000
    this.#since = now
    this.#spent.seconds += seconds
    this.#append({ seconds: Number(seconds.toFixed(3)) })
    this.#write()
  }

  #write(): void {
    if (this.#log === undefined) return
    for (const row of this.#unwritten.take()) this.#append(row)
  }

  /** A full disk is told by the next flush, and by the journal. */
  #append(line: unknown): void {
    try {
      this.#log?.append(JSON.stringify(line))
    } catch {
      // The failure stays with the log.
    }
  }
}
