import type { LoadedConfig } from '@dda-thinker/config'
import type { RecordedArm, RunInfo } from '@dda-thinker/runs'
import { errors } from '../errors.ts'

/** One arm of a recorded evaluation. */
export interface EvalArm extends RecordedArm {
  readonly run: RunInfo
  readonly thinker: string
}

/** The evaluation meant by a name, or the newest one. */
export async function findEvaluation(runsDir: string, name?: string): Promise<RunInfo> {
  const { listRuns, readRun, runPath } = await import('@dda-thinker/runs')
  if (name !== undefined) {
    const run = await readRun(runPath(runsDir, name))
    if (run.manifest.task !== 'evaluate') {
      throw errors.make('DDA_USAGE_RECORD/no-evaluation', { name, task: run.manifest.task })
    }
    return run
  }
  const run = (await listRuns(runsDir)).find(({ manifest }) => manifest.task === 'evaluate')
  if (run !== undefined) return run
  throw errors.make('DDA_RUN_MISSING/no-evaluation', { runsDir })
}

/** What a report is about: the evaluation, benchmark or service meant by a name, or the newest of the former two. */
export async function findReported(runsDir: string, name?: string): Promise<RunInfo> {
  const { listRuns, readRun, runPath } = await import('@dda-thinker/runs')
  const isReported = ({ manifest }: RunInfo) => manifest.task === 'evaluate' || manifest.task === 'benchmark'
  if (name === undefined) {
    const run = (await listRuns(runsDir)).find(isReported)
    if (run !== undefined) return run
    throw errors.make('DDA_RUN_MISSING/no-evaluation', { runsDir })
  }
  const run = await readRun(runPath(runsDir, name))
  if (isReported(run) || run.manifest.task === 'serve') return run
  throw errors.make('DDA_USAGE_RECORD/no-report', { name, task: run.manifest.task })
}

/** Every arm of a record by Thinker. */
export async function readRunArms({ config, dir }: Pick<LoadedConfig, 'config' | 'dir'>, name: string) {
  const { projectPaths, listArms } = await import('@dda-thinker/runs')
  const arms = await listArms(await findEvaluation(projectPaths(config, dir).runsDir, name))
  return new Map([...arms].map(([thinker, { rollouts }]) => [thinker, rollouts]))
}

/** Reads arms by `run/thinker`; `run` alone means its last Thinker. A journal is gone through once, however many of its arms are asked for. */
export class ArmReader {
  readonly #runsDir: string
  readonly #known = new Map<string, { readonly run: RunInfo; readonly arms: ReadonlyMap<string, RecordedArm> }>()

  constructor(runsDir: string) {
    this.#runsDir = runsDir
  }

  /** @throws DdaError `DDA_RUN_MISSING`, `DDA_USAGE_RECORD` */
  async read(reference: string): Promise<EvalArm> {
    const slash = reference.indexOf('/')
    const [name, wanted] = slash < 0 ? [reference, undefined] : [reference.slice(0, slash), reference.slice(slash + 1)]
    const { run, arms } = this.#known.get(name) ?? (await this.#open(name))
    const thinker = wanted ?? [...arms.keys()].at(-1) ?? ''
    const arm = arms.get(thinker)
    if (arm === undefined) {
      throw errors.make('DDA_USAGE_RECORD/no-thinker', { name, thinker, thinkers: [...arms.keys()].join(', ') })
    }
    return { run, thinker, ...arm }
  }

  async #open(name: string) {
    const { listArms } = await import('@dda-thinker/runs')
    const run = await findEvaluation(this.#runsDir, name)
    const opened = { run, arms: await listArms(run) }
    this.#known.set(name, opened)
    return opened
  }
}
