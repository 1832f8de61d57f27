import { type Benchmark, BENCHMARKS, type ImageRef } from '@dda-thinker/plugin-api'
import { type Assembly, isBudgetError, isInterruption, type Ledger } from '@dda-thinker/core'
import { pairedBenchmark, primaryEstimates } from '@dda-thinker/evaluation'
import { benchmarkSamples, type BenchmarkSample } from '../data/benchmark-samples.ts'
import { errors } from '../errors.ts'
import {
  type BenchmarkArm,
  type BenchmarkDifference,
  type BenchmarkRecord,
  writeBenchmarkRecord,
} from '../record/benchmark-record.ts'
import type { RunEvents } from '../record/events.ts'
import { causesInJournal } from '../record/causes.ts'
import { readJournal } from '../record/journal.ts'
import { runFile } from '../record/layout.ts'
import { workOnRun } from './work-on-run.ts'
import { writeStatus } from '../record/run-dir.ts'
import { stateAfter, statusError } from '../record/run-end.ts'
import { askJudge, writeLayout, type ArmOptions } from './benchmark-arm.ts'
import { evaluate } from './evaluate.ts'
import type { EvalThinker } from './evaluate-options.ts'
import { type Job, openJob } from './open-job.ts'
import { openBooks } from './open-books.ts'
import { isStopped, warner } from './role-context.ts'
import { budgetEnd, type BudgetEnd } from './budget-end.ts'
import type { RunOptions } from './run-options.ts'
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

export interface BenchmarkResult {
  readonly state: 'finished' | 'interrupted'
  readonly runDir: string
  readonly benchmark: Benchmark
  readonly budget?: BudgetEnd
  /** Absent where it was interrupted. */
  readonly record?: BenchmarkRecord
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
  const base = { runDir, benchmark }
  if (made.state === 'interrupted') {
    return { ...base, state: 'interrupted', ...(made.budget === undefined ? {} : { budget: made.budget }) }
  }
  return workOnRun(assembly, options, events, async (signal) => {
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
      job = await openJob(assembly, { ...options, signal }, [BENCHMARKS], events)
      const { ledger, signals: bounded } = job
      const warn = warner(assembly, events)
      await openBooks(ledger, runFile(runDir, 'spending'), { files: options.files, warn })
      try {
        const thinkers = await judgeAll(assembly, benchmark, samples, { ...options, ...bounded, ledger }, events)
        if (isStopped(bounded)) {
          await status('interrupted', ledger.refusal)
          return { ...base, state: 'interrupted', ...budgetEnd(ledger) }
        }
        const record = recordOf(assembly, benchmark, samples, thinkers)
        await writeBenchmarkRecord(runDir, record)
        await status('finished')
        return { ...base, state: 'finished', record }
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
  const causes = await causesInJournal(options.runDir)
  const { runDir, thinkers, results = runFile(runDir, 'results') } = options
  const edits = await editsOf(runDir)
  const questions = samples.reduce((sum, { item }) => sum + benchmark.questions(item).length, 0)
  let done = 0
  if (benchmark.judge !== undefined) {
    events.onStart?.({ task: 'judge', total: questions * thinkers.length, done })
  }
  const arms: Record<string, BenchmarkArm> = {}
  const { seed, eval: settings } = assembly.config
  const { confidence } = settings
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
    const made = { results: arm.results, edited: pictures.size, causes: causes[name] ?? [] }
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
      ...primaryEstimates(scores, benchmark.primary, { confidence, seed }),
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

function recordOf(
  { config }: Assembly,
  benchmark: Benchmark,
  samples: readonly BenchmarkSample[],
  thinkers: Readonly<Record<string, BenchmarkArm>>,
): BenchmarkRecord {
  const { name, rules, primary, fingerprint, judge, references } = benchmark
  const { confidence } = config.eval
  const [first, ...others] = Object.entries(thinkers)
  const differences = others.flatMap(([b, { scores }]): readonly BenchmarkDifference[] => {
    const baseline = first?.[1].scores
    if (first === undefined || baseline === undefined || scores === undefined) return []
    return [{ a: first[0], b, ...pairedBenchmark(baseline, scores, primary, { confidence, seed: config.seed }) }]
  })
  return {
    name,
    rules,
    primary,
    fingerprint,
    ...(judge === undefined ? {} : { judge: judge.fingerprint }),
    confidence,
    samples: samples.map(({ sample: { id, category, subtask, instruction, images } }) => ({
      id,
      category,
      ...(subtask === undefined ? {} : { subtask }),
      instruction,
      images,
    })),
    thinkers,
    differences,
    references,
  }
}
