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

/** The records of a project. */
export class ViewedProject {
  readonly #options: ViewedProjectOptions
  readonly #runs = new Map<string, Promise<ViewedRun>>()
  readonly #answers = new WeakMap<ViewedRun, RunAnswers>()
  #data: Promise<readonly SampleFile[]> | undefined

  constructor(options: ViewedProjectOptions) {
    this.#options = options
  }

  async head(): Promise<ViewHead> {
    const { name, confidence = 0.95 } = this.#options
    // A page, unlike a record, is given what the configuration came to.
    return { project: redact(name), confidence, runs: await Promise.all((await this.#listed()).map(headOf)) }
  }

  /** @throws DdaError `DDA_VIEW_RUN` */
  run(name: string): Promise<ViewedRun> {
    let opened = this.#runs.get(name)
    if (opened === undefined) {
      opened = this.#open(name)
      this.#runs.set(name, opened)
      opened.catch(() => this.#runs.delete(name))
    }
    return opened
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
      await listSamplesOf(left.run, left.rollouts, paths),
      await listSamplesOf(right.run, right.rollouts, paths),
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
    return { run, rollouts: arm.rollouts }
  }

  async #open(name: string): Promise<ViewedRun> {
    const { paths, runs } = this.#options
    const unknown = errors.make('DDA_VIEW_RUN', { name })
    if (runs !== undefined && !runs.includes(name)) throw unknown
    let run: RunInfo
    try {
      run = await readRun(runPath(paths.runsDir, name))
    } catch (error) {
      throw isDdaError(error) ? unknown : error
    }
    this.#data ??= Promise.all([paths.curated, paths.samples].map((file) => SampleFile.open(file)))
    return ViewedRun.open(run, await this.#data)
  }

  async #listed(): Promise<readonly RunInfo[]> {
    const { paths, runs } = this.#options
    if (runs === undefined) return listRuns(paths.runsDir)
    return Promise.all(runs.map((name) => readRun(runPath(paths.runsDir, name))))
  }
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
