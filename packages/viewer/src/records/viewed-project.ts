import { statSync } from 'node:fs'
import { compareEvaluations, type EvaluationComparison } from '@dda-thinker/evaluation'
import { isDdaError, redact } from '@dda-thinker/plugin-api'
import {
  type Funnel,
  listArms,
  listRuns,
  listSamplesOf,
  type ProjectPaths,
  readFunnel,
  readRun,
  readScores,
  runFile,
  type RunInfo,
  runPath,
} from '@dda-thinker/runs'
import { canonicalHash } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import type { RunHead, ViewHead } from '../wire/view-data.ts'
import { RunAnswers } from './run-answers.ts'
import { SampleFile } from './sample-catalogue.ts'
import { ViewedRun } from './viewed-run.ts'

export interface ViewedProjectOptions {
  /** For people. */
  readonly name: string
  readonly paths: ProjectPaths
  /** Names of the runs that are shown. Default: all, those that are begun later too. */
  readonly runs?: readonly string[]
  /** Level of intervals. Default 0.95. */
  readonly confidence?: number
}

/** What was read of files, while they are the same ones. */
interface Opened<T> {
  readonly of: string
  readonly value: Promise<T>
}

/** The records of a project. */
export class ViewedProject {
  readonly #options: ViewedProjectOptions
  readonly #runs = new Map<string, Opened<ViewedRun>>()
  /** Of the journal as it was read last, by run: one that is made anew under its name begins behind it. */
  readonly #generations = new Map<string, number>()
  readonly #answers = new WeakMap<ViewedRun, RunAnswers>()
  #data: Opened<readonly SampleFile[]> | undefined

  constructor(options: ViewedProjectOptions) {
    this.#options = options
  }

  async head(): Promise<ViewHead> {
    const { name, confidence = 0.95 } = this.#options
    // A page, unlike a record, is given what the configuration came to.
    return { project: redact(name), confidence, runs: await Promise.all((await this.#listed()).map(headOf)) }
  }

  /** The run that has the name now: another one may be made under it. @throws DdaError `DDA_VIEW_RUN` */
  run(name: string): Promise<ViewedRun> {
    const of = this.#manifestOf(name)
    const before = this.#runs.get(name)
    if (before?.of === of) return before.value
    const opened = { of, value: this.#open(name, before?.value) }
    this.#runs.set(name, opened)
    opened.value.catch(() => this.#runs.get(name) === opened && this.#runs.delete(name))
    return opened.value
  }

  /** What people say of a run. @throws DdaError `DDA_VIEW_RUN` */
  async answers(name: string): Promise<RunAnswers> {
    const run = await this.run(name)
    let answers = this.#answers.get(run)
    if (answers === undefined) {
      answers = new RunAnswers(run, this.#options.paths, this.#options.confidence)
      this.#answers.set(run, answers)
    }
    return answers
  }

  /** What became of the rows of the data; `null` where no record tells. */
  async funnel(): Promise<Funnel | null> {
    try {
      return await readFunnel(this.#options.paths)
    } catch (error) {
      if (isDdaError(error)) return null
      throw error
    }
  }

  /**
   * Two Thinkers of evaluations pair by pair, b minus a.
   *
   * @param a `run/thinker`
   * @throws DdaError `DDA_VIEW_RUN`
   */
  async compare(a: string, b: string): Promise<EvaluationComparison> {
    const [left, right] = [await this.#arm(a), await this.#arm(b)]
    const { paths, confidence } = this.#options
    const [samples, samplesOfB] = [
      await listSamplesOf(left.run, [left], paths),
      await listSamplesOf(right.run, [right], paths),
    ]
    return compareEvaluations(left.rollouts, right.rollouts, samples, {
      samplesOfB,
      seed: left.run.manifest.seed,
      ...(confidence === undefined ? {} : { confidence }),
    })
  }

  async #arm(reference: string) {
    const slash = reference.indexOf('/')
    const { run } = await this.run(reference.slice(0, slash))
    const arm = (await listArms(run)).get(reference.slice(slash + 1))
    if (arm === undefined) throw errors.make('DDA_VIEW_RUN', { name: reference })
    return { run, ...arm }
  }

  /** Its manifest is written once. */
  #manifestOf(name: string): string {
    try {
      return factsOf(runFile(runPath(this.#options.paths.runsDir, name), 'manifest'))
    } catch (error) {
      if (isDdaError(error)) return ''
      throw error
    }
  }

  async #open(name: string, before: Promise<ViewedRun> | undefined): Promise<ViewedRun> {
    const last = await before?.then(({ index }) => index.state().generation).catch(() => 0)
    const generation = Math.max(last ?? 0, this.#generations.get(name) ?? 0) + 1
    this.#generations.set(name, generation)
    const { paths, runs } = this.#options
    const unknown = errors.make('DDA_VIEW_RUN', { name })
    if (runs !== undefined && !runs.includes(name)) throw unknown
    let run: RunInfo
    try {
      run = await readRun(runPath(paths.runsDir, name))
    } catch (error) {
      throw isDdaError(error) ? unknown : error
    }
    return ViewedRun.open(run, await this.#samples(), generation)
  }

  /** The data as they are now: a run that was opened keeps those that it was opened with. */
  #samples(): Promise<readonly SampleFile[]> {
    const { curated, samples } = this.#options.paths
    const files = [curated, samples]
    const of = files.map(factsOf).join('\n')
    if (this.#data?.of !== of) this.#data = { of, value: Promise.all(files.map((file) => SampleFile.open(file))) }
    return this.#data.value
  }

  async #listed(): Promise<readonly RunInfo[]> {
    const { paths, runs } = this.#options
    if (runs === undefined) return listRuns(paths.runsDir)
    return Promise.all(runs.map((name) => readRun(runPath(paths.runsDir, name))))
  }
}

/** By which a file that was written anew is told. */
function factsOf(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false })
  return facts === undefined ? '' : `${facts.ino} ${facts.size} ${facts.mtimeMs}`
}

async function headOf({ name, dir, manifest, status, pid }: RunInfo): Promise<RunHead> {
  const { editor, trainer, reward, judge } = manifest.fingerprints
  const scores = (await readScores(dir).catch(() => undefined)) ?? {}
  const { created, ordinal = 0, seed, data } = manifest
  return {
    name,
    id: canonicalHash([name, manifest.task, created, ordinal, seed, data.sha256]).slice(0, 16),
    task: manifest.task,
    // A run that says it is running and has no process was killed.
    state: status.state === 'running' && pid === undefined ? 'interrupted' : status.state,
    live: pid !== undefined,
    created,
    seed,
    step: status.step,
    steps: status.steps,
    ...(status.error === undefined ? {} : { error: status.error }),
    ...(editor === undefined ? {} : { editor: String(editor) }),
    ...(trainer === undefined ? {} : { trainer: String(trainer) }),
    ...(reward === undefined ? {} : { reward: String(reward) }),
    judges: judge === undefined ? [] : [judge].flat().map(String),
    evaluated: manifest.evaluated ?? {},
    scores: Object.fromEntries(
      Object.entries(scores).map(([thinker, { counted, solved, low, high }]) => [
        thinker,
        {
          counted,
          ...(solved === undefined ? {} : { solved }),
          ...(low === undefined ? {} : { low }),
          ...(high === undefined ? {} : { high }),
        },
      ]),
    ),
  }
}
