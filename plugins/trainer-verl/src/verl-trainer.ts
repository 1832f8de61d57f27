import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  canonicalJson,
  type CallOptions,
  type ExternalJob,
  type TrainingSettings,
  type ExternalTrainer,
  type RewardReach,
  roleClosed,
  type RoleContext,
  type Thinker,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import { promptOf, writeEngineData } from '@dda-thinker/engine-data'
import { exportModel, isWritten, modelOf, readPointer, type VerlCheckpoint, writePointer } from './checkpoint.ts'
import { errors } from './errors.ts'
import { endFormerJob, stillThere } from './launch/former-job.ts'
import { JobFile } from './launch/job-file.ts'
import { startLocalJob } from './launch/local-job.ts'
import { type RayOptions, submitRayJob } from './launch/ray-job.ts'
import type { VerlJob, VerlLaunch } from './launch/verl-job.ts'
import { metricsOfLog } from './metrics-of-log.ts'
import type { VerlOptions } from './options.ts'
import { problemsOf, verlConfig } from './verl-config.ts'

/** What changes where it runs, and nothing that is learned. */
const PLACES: ReadonlySet<string> = new Set(['ray', 'python', 'storage', 'rewards', 'nodes', 'gpus', 'deadline'])
const LAST_LINES = 30
/** Seconds in which a checkpoint has to be visible here after its step. */
const CHECKPOINT_SECONDS = 1800

interface Running {
  readonly job: VerlJob
  readonly file: JobFile
  readonly checkpoints: string
}

/** `trainer-verl`: verl's V1 trainer as a job of a Ray cluster, or as a process of this machine. */
export class VerlTrainer implements ExternalTrainer {
  readonly fingerprint: string
  /** The job goes on while a step is put on the record: its checkpoints are those that it was told to write. */
  readonly savesAtAnyStep = false
  readonly reach: RewardReach
  readonly thinker: Thinker
  readonly #options: VerlOptions
  readonly #resolvePath: (path: string) => string
  #context: RoleContext | undefined
  #running: Running | undefined
  #policyVersion = 0
  #step = 0
  #loaded: VerlCheckpoint | undefined
  #saved: VerlCheckpoint | undefined

  /** @param resolvePath of paths in the options */
  constructor(options: VerlOptions, resolvePath: (path: string) => string) {
    this.#options = options
    this.#resolvePath = resolvePath
    const { host, port, url } = options.rewards
    this.reach = {
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(url === undefined ? {} : { url }),
    }
    const text = canonicalJson(Object.fromEntries(Object.entries(options).filter(([name]) => !PLACES.has(name))))
    this.fingerprint = `trainer-verl:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
    this.thinker = {
      fingerprint: `${this.fingerprint}:elsewhere`,
      // oxlint-disable-next-line require-yield
      async *plan() {
        throw errors.make('DDA_VERL_THINKER', {}, { stopsRun: true })
      },
    }
  }

  get policyVersion(): number {
    return this.#policyVersion
  }

  check(settings: TrainingSettings): void {
    const problems = problemsOf(this.#options, settings)
    if (problems.length > 0)
      throw errors.make('DDA_CONFIG_INVALID/verl', { problems: problems.join('; ') }, { location: 'trainer' })
  }

  async open(context: RoleContext): Promise<void> {
    this.#context = context
  }

  async close(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    this.#context = undefined
    if (running === undefined) return
    const { job, file } = running
    await job.stop().catch((cause: unknown) => {
      throw stillThere(file, job.name, cause)
    })
    file.remove()
  }

  async start(job: ExternalJob, { signal }: CallOptions): Promise<void> {
    const context = this.#context
    if (context === undefined) throw roleClosed('trainer-verl')
    const { storage, prompt, pictures } = this.#options
    await mkdir(job.folder, { recursive: true })
    const file = new JobFile(job.folder)
    // Before anything is written that it may read.
    await endFormerJob(file, { ray: this.#ray(), log: context.log, signal })
    // The name of the run keeps the folders of several apart.
    const folder =
      storage === undefined ? job.folder : join(this.#resolvePath(storage), basename(join(job.folder, '..')))
    const checkpoints = join(folder, 'checkpoints')
    await mkdir(checkpoints, { recursive: true })
    const written = await writeEngineData({
      format: 'verl',
      folder: join(folder, 'data'),
      samples: job.data(),
      images: job.images,
      prompt: promptOf(prompt),
      pictures,
      streams: job.streams.map(({ name }) => name),
      stopped: () => signal.aborted,
    })
    const overrides = written.files.find((file) => file.endsWith('overrides.txt')) ?? ''
    const data = (await readFile(overrides, 'utf8')).trimEnd().split('\n')
    const loaded = this.#loaded
    const places = {
      data,
      checkpoints,
      ...(loaded === undefined ? {} : job.firstStep > 1 ? { resume: loaded.path } : { model: modelOf(loaded) }),
    }
    this.#step = job.firstStep - 1
    const started = await this.#launch(job, verlConfig(this.#options, job, places), file, signal)
    this.#running = { job: started, file, checkpoints }
    context.log.info(`verl: ${started.name}`)
  }

  async step(step: number, { signal }: CallOptions): Promise<UpdateReport> {
    const { job } = this.#held()
    const { poll, step: seconds } = this.#options.deadline
    const until = performance.now() + seconds * 1000
    for (;;) {
      // The state first: what a job said before it ended is all there then.
      const state = await job.state(signal)
      const log = await job.log(signal)
      const metrics = metricsOfLog(log).get(step)
      if (metrics !== undefined) {
        this.#policyVersion += 1
        this.#step = step
        return { step, policyVersion: this.#policyVersion, metrics }
      }
      if (state !== 'pending' && state !== 'running') {
        const said = log.trimEnd().split('\n').slice(-LAST_LINES).join('\n')
        throw errors.make('DDA_VERL_JOB', { how: state, step, said: said === '' ? 'nothing' : said })
      }
      if (performance.now() > until) throw errors.make('DDA_VERL_SLOW', { step, seconds }, { kind: 'timeout' })
      await wait(poll * 1000, undefined, { signal })
    }
  }

  async save(folder: string): Promise<void> {
    const { job, checkpoints } = this.#held()
    const step = this.#step
    const until = performance.now() + CHECKPOINT_SECONDS * 1000
    while (!(await isWritten(checkpoints, step))) {
      const state = await job.state()
      const isOver = state !== 'pending' && state !== 'running'
      if ((isOver && !(await isWritten(checkpoints, step))) || performance.now() > until)
        throw errors.make('DDA_VERL_CHECKPOINT', { step, folder: checkpoints }, { location: checkpoints })
      await wait(this.#options.deadline.poll * 1000)
    }
    const path = join(checkpoints, `global_step_${step}`)
    this.#saved = { path, step, policyVersion: this.#policyVersion }
    await writePointer(folder, this.#saved)
  }

  async load(folder: string): Promise<void> {
    const checkpoint = await readPointer(folder)
    this.#loaded = checkpoint
    this.#saved = checkpoint
    this.#policyVersion = checkpoint.policyVersion
  }

  async export(folder: string): Promise<readonly string[]> {
    return this.#saved === undefined ? [] : exportModel(this.#saved, folder)
  }

  #held(): Running {
    if (this.#running === undefined) throw roleClosed('trainer-verl')
    return this.#running
  }

  #ray(): RayOptions | undefined {
    const { ray } = this.#options
    if (ray === undefined) return undefined
    const token = ray.tokenEnv === undefined ? undefined : process.env[ray.tokenEnv]
    return { address: ray.address.replace(/\/+$/, ''), ...(token === undefined ? {} : { token }) }
  }

  #launch(
    { reward, folder }: ExternalJob,
    overrides: readonly string[],
    file: JobFile,
    signal: AbortSignal,
  ): Promise<VerlJob> {
    const { python, deadline } = this.#options
    const ray = this.#ray()
    const launch: VerlLaunch = {
      command: [python, '-m', 'verl.trainer.main_ppo', ...overrides],
      env: {
        DDA_REWARD_URL: reward.url,
        ...(reward.token === undefined ? {} : { DDA_REWARD_TOKEN: reward.token }),
        DDA_REWARD_TIMEOUT: String(deadline.rewards),
      },
      label: basename(join(folder, '..')),
    }
    if (ray === undefined) {
      const program = python.includes('/') ? this.#resolvePath(python) : python
      const command = [program, ...launch.command.slice(1)]
      return startLocalJob({ ...launch, command }, join(folder, 'verl.log'), file)
    }
    return submitRayJob(ray, launch, signal, file)
  }
}
