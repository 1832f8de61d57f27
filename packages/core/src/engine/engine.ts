import PQueue from 'p-queue'
import {
  type Edit,
  EDITOR,
  JUDGES,
  type Plan,
  REWARD,
  type Rollout,
  type Scope,
  SCOPES,
  type Thinker,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import { planStage, type Planned, taken } from '../stages/plan.ts'
import { uncovered } from '../stages/judge.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { ContentStore, ResultCache } from '@dda-thinker/store'
import { AbortScope } from '../context/abort-scope.ts'
import type { EngineContext, EngineStats, JudgeSeat, RolloutRequest, Waiting } from '../context/engine-context.ts'
import { interrupted } from '../context/failure.ts'
import { finishPlanned } from './rollout.ts'

export interface EngineOptions {
  readonly thinker: Thinker
  readonly images: ContentStore
  readonly cache: ResultCache
  /** The run's seed. */
  readonly seed: number
  /** Scopes that the checklists use; each needs a judge. Default: both. */
  readonly scopes?: readonly Scope[]
  /** Requests in one call of the Thinker. Default 128. At most two batches are in memory at a time. */
  readonly planBatch?: number
  /** Edits that were made before, by rollout id: they are judged as they are, and the Editor is never asked. */
  readonly edits?: Pick<ReadonlyMap<string, Edit>, 'get' | 'has'>
  /** Books and budgets of the run. Default: books in memory, no budget. */
  readonly ledger?: Ledger
  /** Soft end: nothing new begins, calls under way finish. */
  readonly stop?: AbortSignal
  /** Hard end: calls under way are aborted. */
  readonly signal?: AbortSignal
}

export interface Engine {
  /**
   * Streams requests through plan → edit → judge and yields the finished rollouts in the order of the requests. No barrier
   * between the stages: an edit starts as soon as its plan is there, also where plans come all at once. At most two plan batches are in memory.
   *
   * @param onPlan called once a request, with what the Thinker made of it; without where it failed
   * @throws DdaError `DDA_INTERRUPTED` after the rollouts that were finished without a gap; `DDA_BUDGET_*`, `DDA_DISK_FULL` and other
   * failures of the run itself, after calls under way have ended and their results are kept.
   */
  run(requests: Iterable<RolloutRequest>, onPlan?: (made?: Plan) => void): AsyncGenerator<Rollout, void, void>
  /** A plan that is there already, like one that {@link run} has the Thinker make. @throws as {@link run} */
  finish(request: RolloutRequest, plan: Plan): Promise<Rollout>
  readonly stats: EngineStats
  waiting(): readonly Waiting[]
  dispose(): void
}

/**
 * Binds the roles of an assembly, which must be open, to one Thinker.
 *
 * @throws DdaError `DDA_JUDGE_SCOPE_UNCOVERED`, `DDA_SLOT_EMPTY`
 */
export function createEngine(assembly: Assembly, options: EngineOptions): Engine {
  const editor = assembly.resolve(EDITOR)
  const reward = assembly.resolve(REWARD)
  const { concurrency } = assembly.config.engine
  const edits = Math.min(concurrency.edit ?? Infinity, editor.supports.concurrency)
  const tally = () => ({ made: 0, reused: 0 })
  const stats: EngineStats = { plans: tally(), edits: tally(), judgements: tally(), gated: 0 }
  const scope = new AbortScope(options.signal)
  const ending = () => scope.aborted || options.stop?.aborted === true
  const context: EngineContext = {
    assembly,
    images: options.images,
    cache: options.cache,
    seed: options.seed,
    thinker: options.thinker,
    thinkerPlugin: providerOf(assembly, options.thinker, 'thinker'),
    editor,
    editorPlugin: assembly.providerOf(editor),
    editQueue: new PQueue({ concurrency: edits }),
    recordQueue: new PQueue({ concurrency: 2 * edits }),
    judges: seatJudges(assembly, options.scopes ?? SCOPES, concurrency.judge),
    reward,
    rewardPlugin: assembly.providerOf(reward),
    stats,
    edits: options.edits,
    ledger: options.ledger ?? new Ledger(),
    scope,
    stopping: ending,
    ending,
  }
  return {
    stats,
    waiting: () => waitingIn(context),
    dispose: () => scope.dispose(),
    finish: async (request, plan) => finishPlanned(context, await taken(context, request, { id: plan.id, plan })),
    run: (requests, onPlan) => stream(context, requests, options, onPlan),
  }
}

/** The judges of each scope in config order; the first that can answer an item is asked. */
function seatJudges(assembly: Assembly, scopes: readonly Scope[], limit = Infinity): Map<Scope, JudgeSeat[]> {
  const seats = new Map<Scope, JudgeSeat[]>()
  for (const judge of assembly.all(JUDGES)) {
    const concurrency = Math.min(limit, judge.concurrency)
    const seat = { judge, plugin: assembly.providerOf(judge), queue: new PQueue({ concurrency }) }
    for (const scope of judge.scopes) seats.set(scope, [...(seats.get(scope) ?? []), seat])
  }
  const missing = scopes.filter((scope) => !seats.has(scope))
  if (missing.length > 0) throw uncovered(missing)
  return seats
}

/** A judge of both scopes has one queue. */
function waitingIn({ editorPlugin, editQueue, recordQueue, judges }: EngineContext): readonly Waiting[] {
  const seats = new Set([...judges.values()].flat())
  const asked = Array.from(seats, ({ plugin, queue }) => ({ plugin, call: 'judge', count: queue.size }))
  return [{ plugin: editorPlugin, call: 'edit', count: recordQueue.size + editQueue.size }, ...asked]
}

/** A Thinker made by the caller (a trainer's policy, recorded plans) need not be a role of the assembly. */
function providerOf(assembly: Assembly, role: object, fallback: string): string {
  try {
    return assembly.providerOf(role)
  } catch {
    return fallback
  }
}

async function* stream(
  bound: EngineContext,
  requests: Iterable<RolloutRequest>,
  options: EngineOptions,
  onPlan?: (made?: Plan) => void,
): AsyncGenerator<Rollout, void, void> {
  const batchSize = options.planBatch ?? 128
  const finished = new Map<number, Rollout>()
  const tasks = new Set<Promise<void>>()
  const wake = new Signal()
  // Calls of the Thinker end on a soft stop too: sampling is cheap to repeat, edits under way are not.
  const planScope = new AbortScope(bound.scope.signal, options.stop)
  let begun = 0
  let yielded = 0
  const end: { failure?: unknown } = {}
  const failed = () => 'failure' in end
  let produced = false
  // After a failure of the run (a full disk, say) nothing more may be bought.
  const context: EngineContext = { ...bound, stopping: () => failed() || bound.stopping() }

  const fail = (error: unknown) => {
    if (!failed()) end.failure = error
    planScope.abort(interrupted())
    wake.notify()
  }
  const start = (index: number, planned: Planned) => {
    const task = finishPlanned(context, planned)
      .then((rollout) => void finished.set(index, rollout), fail)
      .finally(() => {
        tasks.delete(task)
        wake.notify()
      })
    tasks.add(task)
  }
  const produce = async () => {
    for (const batch of batches(requests, batchSize)) {
      while (begun - yielded + batch.length > 2 * batchSize && !failed()) await wake.wait()
      if (failed()) return
      if (context.stopping()) throw interrupted()
      const first = begun
      begun += batch.length
      const position = new Map(batch.map((request, index) => [request.id, first + index]))
      for await (const planned of planStage({ ...context, scope: planScope }, batch)) {
        if (context.stopping()) throw interrupted()
        onPlan?.(planned.made)
        start(position.get(planned.request.id) ?? first, planned)
        await new Promise(setImmediate)
      }
    }
  }
  const producing = produce()
    .catch(fail)
    .finally(() => {
      produced = true
      wake.notify()
    })

  try {
    while (true) {
      const next = finished.get(yielded)
      if (next !== undefined) {
        finished.delete(yielded)
        yielded += 1
        wake.notify()
        yield next
      } else if (failed() || (produced && yielded === begun)) {
        break
      } else {
        await wake.wait()
      }
    }
    // Whatever is under way is paid for: let it end, so that its result is kept.
    await settleAll(producing, tasks)
    while (failed()) {
      const next = finished.get(yielded)
      if (next === undefined) throw end.failure
      finished.delete(yielded)
      yielded += 1
      yield next
    }
  } finally {
    fail(interrupted())
    await settleAll(producing, tasks)
    planScope.dispose()
  }
}

async function settleAll(producing: Promise<void>, tasks: ReadonlySet<Promise<void>>): Promise<void> {
  await producing
  while (tasks.size > 0) await Promise.all(tasks)
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[], void, void> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Wakes all who wait, once, when something may have changed. */
class Signal {
  #waiting: Promise<void> | undefined
  #resolve: () => void = () => undefined

  wait(): Promise<void> {
    this.#waiting ??= new Promise((resolve) => {
      this.#resolve = resolve
    })
    return this.#waiting
  }

  notify(): void {
    this.#resolve()
    this.#waiting = undefined
  }
}
