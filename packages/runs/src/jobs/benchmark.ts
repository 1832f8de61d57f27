import { type Benchmark, BENCHMARKS, type BenchmarkScores, type ImageRef } from '@dda-thinker/plugin-api'
import { type Assembly, isBudgetError, isInterruption, type Ledger } from '@dda-thinker/core'
import { bootstrapMean, type Estimate, type PairedDifference, pairedDifference, wilson } from '@dda-thinker/evaluation'
import { writeFileAtomic } from '@dda-thinker/store'
import { benchmarkSamples, type BenchmarkSample } from '../data/benchmark-samples.ts'
import { errors } from '../errors.ts'
import type { RunEvents } from '../record/events.ts'
import { readJournal } from '../record/journal.ts'
import { runFile } from '../record/layout.ts'
import { withRunLock } from '../record/lock.ts'
import { writeStatus } from '../record/run-dir.ts'
import { stateAfter, statusError } from '../record/run-end.ts'
import { askJudge, writeLayout, type ArmOptions } from './benchmark-arm.ts'
import { evaluate, type EvalThinker } from './evaluate.ts'
import { type Job, openJob } from './open-job.ts'
import { isStopped, warner } from './role-context.ts'
import { budgetEnd, type BudgetEnd, type RunOptions } from './training-session.ts'
import { unscored } from './unscored.ts'

export interface BenchmarkOptions extends RunOptions {
  /** The benchmark's data: its folder, or the file that lists the items. */
  readonly data: string
  /** The first so many items of each category only. Default: all. */
  readonly perCategory?: number | undefined
  /** The first is the baseline that the others are compared with. */
  readonly thinkers: readonly EvalThinker[]
  /** Folder for the official layout, one folder a Thinker. Default: `results` in the run directory. */
  readonly results?: string | undefined
}

/** What a Thinker came to. */
export interface BenchmarkArm {
  readonly results: string
  /** Pictures that were made; the others failed, and are missing. */
  readonly edited: number
  /** Absent where no judge is configured. */
  readonly scores?: BenchmarkScores
  /** Of the primary figure, over the items that have it. */
  readonly primary?: Estimate
}

export interface BenchmarkDifference extends PairedDifference {
  readonly a: string
  readonly b: string
  /** Items without a usable answer for both; they are in no pair. */
  readonly unpaired: number
}

export interface BenchmarkResult {
  readonly state: 'finished' | 'interrupted'
  readonly runDir: string
  readonly benchmark: Benchmark
  readonly budget?: BudgetEnd
  /** By name; empty where it was interrupted. */
  readonly thinkers: Readonly<Record<string, BenchmarkArm>>
  readonly differences: readonly BenchmarkDifference[]
}

/**
 * Plans and edits every item of a benchmark with every Thinker, writes the official layout, asks the benchmark's judge and scores. The
 * same call again continues: plans and edits from the journal, answers from the cache.
 *
 * @param assembly with exactly one benchmark
 * @throws DdaError those of `evaluate`, `DDA_BENCHMARK_DATA`, `DDA_SLOT_EMPTY`
 */
export async function runBenchmark(
  assembly: Assembly,
  options: BenchmarkOptions,
  events: RunEvents = {},
): Promise<BenchmarkResult> {
  const { workspace, runDir } = options
  const [benchmark] = assembly.all(BENCHMARKS)
  if (benchmark === undefined) throw errors.make('DDA_SLOT_EMPTY/benchmark')
  const items = firstOfEach(await benchmark.load(options.data), options.perCategory)
  const samples = await benchmarkSamples(benchmark, items, options.data, workspace.images, assembly.config.seed)
  const made = await evaluate(
    unscored(assembly),
    { ...options, task: 'benchmark', samples: samples.map(({ sample }) => sample) },
    events,
  )
  const base = { runDir, benchmark, thinkers: {}, differences: [] }
  if (made.state === 'interrupted') {
    return { ...base, state: 'interrupted', ...(made.budget === undefined ? {} : { budget: made.budget }) }
  }
  const lockOptions = {
    warn: warner(assembly, events),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
  return withRunLock(runDir, lockOptions, async (signal) => {
    let job: Job | undefined
    const total = options.thinkers.length * samples.length
    const status = (state: 'running' | 'finished' | 'interrupted' | ReturnType<typeof stateAfter>, error?: unknown) =>
      writeStatus(runDir, {
        state,
        step: total,
        steps: total,
        ...(error === undefined ? {} : { error: statusError(error) }),
      })
    try {
      await status('running')
      job = await openJob(assembly, { ...options, signal }, [BENCHMARKS])
      const { ledger, signals: bounded } = job
      await ledger.open(runFile(runDir, 'spending'), options.files)
      try {
        const thinkers = await judgeAll(assembly, benchmark, samples, { ...options, ...bounded, ledger }, events)
        if (isStopped(bounded)) {
          await status('interrupted', ledger.refusal)
          return { ...base, state: 'interrupted', ...budgetEnd(ledger) }
        }
        const result = {
          ...base,
          state: 'finished' as const,
          thinkers,
          differences: differencesOf(benchmark, thinkers),
        }
        await writeRecord(result, items.length)
        await status('finished')
        return result
      } catch (error) {
        if (isInterruption(error) || isBudgetError(error) || isStopped(bounded)) {
          await status('interrupted', ledger.refusal)
          return { ...base, state: 'interrupted', ...budgetEnd(ledger) }
        }
        await status(stateAfter(error), error).catch(() => undefined)
        throw error
      }
    } finally {
      await job?.ledger.close().catch(() => undefined)
    }
  })
}

async function judgeAll(
  assembly: Assembly,
  benchmark: Benchmark,
  samples: readonly BenchmarkSample[],
  options: BenchmarkOptions & { readonly ledger: Ledger },
  events: RunEvents,
): Promise<Readonly<Record<string, BenchmarkArm>>> {
  const { runDir, thinkers, results = runFile(runDir, 'results') } = options
  const edits = await editsOf(runDir)
  const questions = samples.reduce((sum, { item }) => sum + benchmark.questions(item).length, 0)
  let done = 0
  if (benchmark.judge !== undefined) {
    events.onStart?.({ task: 'judge', total: questions * thinkers.length, done })
  }
  const arms: Record<string, BenchmarkArm> = {}
  for (const { name } of thinkers) {
    const arm: ArmOptions = {
      ...options,
      benchmark,
      plugin: assembly.providerOf(benchmark),
      samples,
      edits: edits.get(name) ?? new Map(),
      // A colon is no name of a file everywhere.
      results: `${results}/${name.replaceAll(':', '-')}`,
      warn: warner(assembly, events),
      onAnswer: () => events.onAnswer?.({ thinker: name, done: (done += 1), total: questions * thinkers.length }),
    }
    const pictures = await writeLayout(arm)
    const made = { results: arm.results, edited: pictures.size }
    if (benchmark.judge === undefined) {
      arms[name] = made
      continue
    }
    const answers = await askJudge(benchmark.judge, arm, pictures)
    const items = samples.map(({ item }) => item)
    await benchmark.writeAnswers(arm.results, items, answers)
    if (isStopped(options)) break
    const scores = benchmark.score(items, answers)
    arms[name] = {
      ...made,
      scores,
      primary: estimate(scores.items.map(({ figures }) => figures[benchmark.primary] ?? null)),
    }
  }
  return arms
}

function firstOfEach<T extends { readonly category: string }>(
  items: readonly T[],
  limit: number | undefined,
): readonly T[] {
  if (limit === undefined) return items
  const seen = new Map<string, number>()
  return items.filter(({ category }) => {
    const count = (seen.get(category) ?? 0) + 1
    seen.set(category, count)
    return count <= limit
  })
}

/** By Thinker and item. */
async function editsOf(runDir: string): Promise<ReadonlyMap<string, ReadonlyMap<string, ImageRef>>> {
  const found = new Map<string, Map<string, ImageRef>>()
  for await (const line of readJournal(runDir)) {
    if (line.type !== 'rollout' || line.rollout.edit === undefined) continue
    const name = line.thinker ?? ''
    const edits = found.get(name) ?? new Map<string, ImageRef>()
    found.set(name, edits.set(line.rollout.sampleId, line.rollout.edit.image))
  }
  return found
}

/** Wilson for what is 0 or 1, else a bootstrap. */
function estimate(values: readonly (number | null)[]): Estimate {
  const measured = values.filter((value) => value !== null)
  return measured.every((value) => value === 0 || value === 1)
    ? wilson(measured.filter((value) => value === 1).length, measured.length)
    : bootstrapMean(measured)
}

/** Every Thinker against the first, over the items whose answers about both could all be used. */
function differencesOf(
  { primary }: Benchmark,
  arms: Readonly<Record<string, BenchmarkArm>>,
): readonly BenchmarkDifference[] {
  const [first, ...others] = Object.entries(arms)
  if (first === undefined) return []
  const usable = ({ scores }: BenchmarkArm): ReadonlyMap<string, number> => {
    const troubled = new Set(scores?.problems.map(({ item }) => item))
    const values = (scores?.items ?? []).flatMap(({ id, figures }) => {
      const value = figures[primary] ?? null
      return troubled.has(id) || value === null ? [] : [[id, value] as const]
    })
    return new Map(values)
  }
  const [a, baseline] = [first[0], usable(first[1])]
  return others
    .filter(([, { scores }]) => scores !== undefined)
    .map(([b, arm]) => {
      const other = usable(arm)
      const pairs = [...baseline].flatMap(([id, value]) => {
        const paired = other.get(id)
        return paired === undefined ? [] : [[value, paired] as const]
      })
      const unpaired = (arm.scores?.items.length ?? 0) - pairs.length
      const test = pairedDifference(
        pairs.map(([value]) => value),
        pairs.map(([, value]) => value),
      )
      return { a, b, ...test, unpaired }
    })
}

/** `benchmark.json`: everything that a table of the run needs. */
async function writeRecord(
  { runDir, benchmark, thinkers, differences }: BenchmarkResult,
  items: number,
): Promise<void> {
  const { name, rules, primary, fingerprint, judge, references } = benchmark
  const record = {
    name,
    rules,
    primary,
    fingerprint,
    judge: judge?.fingerprint,
    items,
    thinkers,
    differences,
    references,
  }
  await writeFileAtomic(runFile(runDir, 'benchmark'), `${JSON.stringify(record, undefined, 2)}\n`)
}
