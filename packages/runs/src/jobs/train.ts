import { EDITOR, JUDGES, type Plan, REWARD, type Rollout, type Sample, TRAINER } from '@dda-thinker/plugin-api'
import { type Assembly, type Engine, refuseAllMasked, type Tally, updateStage } from '@dda-thinker/core'
import { ChecklistSurvey } from '../data/checklist-survey.ts'
import { openData, type OpenData } from '../data/sample-list.ts'
import { errors } from '../errors.ts'
import type { Bought, RunEvents } from '../record/events.ts'
import { readMetrics, rolloutLine } from '../record/journal.ts'
import { initOption, makeManifest } from '../record/manifest.ts'
import { causesOf, countOutcomes, meanReward, stepMetrics } from '@dda-thinker/evaluation'
import { checkTraining, trainingSettings } from './check-training.ts'
import { groupDivision } from './group-division.ts'
import { GroupSieve } from './group-filter.ts'
import { openJob } from './open-job.ts'
import { refuseStale } from './refuse-stale.ts'
import { Priorities } from './priorities.ts'
import { type GroupDraw, Schedule, type ScheduleOptions, walkedIn } from './schedule.ts'
import { StepRollouts } from './step-rollouts.ts'
import type { RunOptions } from './run-options.ts'
import type { StepResult, TrainingSession, TrainResult } from './training-plan.ts'
import { runTraining } from './training-session.ts'

export interface TrainOptions extends RunOptions {
  /** Default: `train.steps` of the config. A finished run with more steps goes on. */
  readonly steps?: number
  /** Checkpoint folder whose weights a new run begins with, for example of a supervised run. */
  readonly initFrom?: string
}

/**
 * Reinforcement learning: each step draws groups of rollouts, lets the trainer update on them and records both. The same
 * call on the same run directory continues it.
 *
 * @throws DdaError `DDA_RUN_LOCKED`, `DDA_RUN_CONFIG_CHANGED`, `DDA_DATA_MISSING`, `DDA_STEP_ALL_MASKED`, `DDA_DISK_FULL`;
 * after all of them the run can be continued
 */
export async function train(assembly: Assembly, options: TrainOptions, events: RunEvents = {}): Promise<TrainResult> {
  const { workspace } = options
  assembly.resolve(TRAINER)
  const { steps = assembly.config.train.steps } = options
  // Before anything that costs is started.
  await checkTraining(assembly, trainingSettings(assembly, { steps }))
  const checklists = new ChecklistSurvey()
  const data = await openData(workspace.paths, (sample) => {
    if (sample.split !== 'train') return false
    checklists.add(sample)
    return true
  })
  try {
    return await trainOn(data, checklists, assembly, options, events)
  } finally {
    await data.samples.close()
  }
}

async function trainOn(
  data: OpenData,
  checklists: ChecklistSurvey,
  assembly: Assembly,
  options: TrainOptions,
  events: RunEvents,
): Promise<TrainResult> {
  const { workspace } = options
  const { config } = assembly
  const trainer = assembly.resolve(TRAINER)
  if (data.samples.length === 0)
    throw errors.make('DDA_DATA_MISSING/split', { file: data.file, split: 'train' }, { location: data.file })
  checklists.requireAll()
  const job = await openJob(assembly, options, [EDITOR, REWARD, JUDGES, TRAINER], events)
  const { ledger, context } = job
  const engine = job.engine({
    thinker: trainer.thinker,
    scopes: checklists.scopes,
    // The whole step is one batch: the sampler works at its best, and there is nothing to sample ahead of the update.
    planBatch: config.train.samplesPerStep * config.train.groupSize,
  })
  const division = groupDivision(trainer, assembly.resolve(REWARD), config.train.groupSize)
  const schedule = new Schedule(data.samples, {
    ...config.train,
    order: order(config.train.order),
    seed: config.seed,
    ...(division !== undefined && { division }),
  })
  const steps = options.steps ?? config.train.steps
  const { checkpointEvery, keepCheckpoints } = config.train
  const initFrom = options.initFrom === undefined ? {} : { initFrom: options.initFrom }
  const steward = new Steward({
    assembly,
    engine,
    schedule,
    events,
    signal: context.signal,
    steps,
    runDir: options.runDir,
  })
  try {
    return await runTraining(
      assembly,
      { ...options, ...job.signals },
      {
        trainer,
        ledger,
        manifest: await makeManifest(
          assembly,
          'train',
          initOption(workspace.paths.root, options.initFrom),
          data,
          options.printable,
          workspace.paths.root,
        ),
        steps,
        checkpointEvery,
        keepCheckpoints,
        ...initFrom,
        plansOf: (step) => steward.plansOf(step),
        runStep: (step, session) => steward.runStep(step, session),
      },
      events,
    )
  } finally {
    await steward.cancel()
    engine.dispose()
  }
}

interface Tools {
  readonly assembly: Assembly
  readonly engine: Engine
  readonly schedule: Schedule
  readonly events: RunEvents
  readonly signal: AbortSignal
  readonly steps: number
  readonly runDir: string
}

/** A step whose first rollouts are on their way. */
interface Begun {
  readonly draw: GroupDraw
  readonly rollouts: StepRollouts
}

/**
 * Does one step after the other. With `maxStaleness: 1` the plans of the next step are made before the update, and their
 * edits and judgements run beside it; the update then learns from plans that are one version old, by their behaviour
 * log-probabilities (what a filter draws in place of other groups is written by the policy of the moment). The overlap pauses after each scheduled checkpoint: what continues from there samples the next step
 * with the same policy as the unbroken run. What is written between them, because the run is stopped, keeps the plans that were made ahead.
 */
class Steward {
  readonly #tools: Tools
  /** Of the step under way: its own, and what a filter drew in place of some. */
  #parts: StepRollouts[] = []
  #next: Begun | undefined
  /** Places of the walk behind the steps so far, where steps take different numbers of them. */
  #walked: number | undefined
  #priorities: Priorities | undefined
  #plansAhead: TrainingSession['plansAhead'] = new Map<string, Plan>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** Lets rollouts under way end, whosever they are. */
  async cancel(): Promise<void> {
    await Promise.all(this.#begun().map((part) => part.cancel()))
  }

  /** What the Thinker has made of a step that is under way or begun. */
  plansOf(step: number): readonly Plan[] {
    return this.#begun().flatMap((part) => (part.step === step ? part.plans : []))
  }

  #begun(): readonly StepRollouts[] {
    return this.#next === undefined ? this.#parts : [...this.#parts, this.#next.rollouts]
  }

  async runStep(step: number, session: TrainingSession): Promise<StepResult> {
    const { assembly, engine, events, signal } = this.#tools
    const started = performance.now()
    const edits = { ...engine.stats.edits }
    const judgements = { ...engine.stats.judgements }
    this.#plansAhead = session.plansAhead
    const begun = this.#next?.rollouts.step === step ? this.#next : await this.#begin(step)
    this.#parts = []
    this.#next = undefined
    const samples = new Map<string, Sample>()
    const rollouts: Rollout[] = []
    const collect = async (part: StepRollouts): Promise<readonly Rollout[]> => {
      this.#parts.push(part)
      for (const [id, sample] of part.samples) samples.set(id, sample)
      const made = await part.take((rollout, done, total) => {
        session.journal.append(rolloutLine(step, rollout))
        events.onRollout?.({ step, rollout, done: rollouts.length + done, total: rollouts.length + total })
      })
      rollouts.push(...made)
      return made
    }
    const sieve = await this.#sift(step, begun, collect)
    const { walked } = begun.draw
    if (this.#walked !== undefined) this.#walked += walked
    this.#priorities?.observe(rollouts, samples)
    const priorities = this.#priorities && { 'groups/walked': walked, ...this.#priorities.metrics() }
    const sampled = performance.now()
    refuseAllMasked(step, rollouts)
    if (this.#overlaps(step)) {
      this.#next = await this.#begin(step + 1)
      await this.#next.rollouts.planned()
    }
    // Where no group has a signal, the step goes on with what it has: advantages are 0 then.
    const learned = sieve === undefined || sieve.groups === 0 ? rollouts : sieve.rollouts
    const trainer = assembly.resolve(TRAINER)
    refuseStale(learned, trainer.policyVersion, assembly.config.train.maxStaleness)
    session.updating = true
    const own = { ...sieve?.metrics(), ...priorities }
    const measured = { ...stepMetrics(rollouts, samples), ...own }
    const report = await updateStage(assembly, trainer, step, learned, samples, signal, measured)
    const ended = performance.now()
    const { policyVersion } = report
    return {
      policyVersion,
      // What the run measured, and what it goes on from, no tap takes away.
      metrics: { ...measured, ...report.metrics, ...own },
      causes: causesOf(rollouts),
      line: { type: 'step', step, policyVersion, ...countOutcomes(rollouts), reward: meanReward(rollouts) },
      timing: {
        step,
        at: new Date().toISOString(),
        seconds: (ended - started) / 1000,
        rolloutSeconds: (sampled - started) / 1000,
        updateSeconds: (ended - sampled) / 1000,
        rollouts: rollouts.length,
        edits: difference(engine.stats.edits, edits),
        judgements: difference(engine.stats.judgements, judgements),
      },
    }
  }

  /** Rollouts of the step; with a filter, until there are enough groups with a signal or it may draw no more. */
  async #sift(
    step: number,
    { draw, rollouts }: Begun,
    collect: (part: StepRollouts) => Promise<readonly Rollout[]>,
  ): Promise<GroupSieve | undefined> {
    const { assembly } = this.#tools
    const { filter, samplesPerStep } = assembly.config.train
    const first = await collect(rollouts)
    if (filter === undefined) return undefined
    // Nothing is drawn in place of a step in which nothing works.
    refuseAllMasked(step, first)
    const streams = assembly.resolve(TRAINER).streams === undefined ? undefined : assembly.resolve(REWARD).streams
    const sieve = new GroupSieve(filter, streams)
    sieve.add(first)
    for (let refill = 0; refill < filter.refills && sieve.groups < samplesPerStep; refill += 1) {
      sieve.add(await collect(await this.#rollouts(step, draw, samplesPerStep - sieve.groups)))
    }
    return sieve
  }

  async #begin(step: number): Promise<Begun> {
    const { assembly, schedule } = this.#tools
    const { samplesPerStep } = assembly.config.train
    const first = await this.#first(step)
    const draw = schedule.draw(step, first, this.#priorities)
    return { draw, rollouts: await this.#rollouts(step, draw, samplesPerStep) }
  }

  async #rollouts(step: number, draw: GroupDraw, groups: number): Promise<StepRollouts> {
    const requests = (await draw.next(groups)).map((request) => {
      const plan = this.#plansAhead.get(request.id)
      return plan === undefined ? request : { ...request, plan }
    })
    return new StepRollouts(this.#tools.engine, step, requests)
  }

  /** Place of the step's first group in the walk over the data. Where it does not follow from the step, the metrics have it. */
  async #first(step: number): Promise<number> {
    const { assembly, runDir } = this.#tools
    const { filter, order, samplesPerStep } = assembly.config.train
    if (filter === undefined && order !== 'prioritized') return (step - 1) * samplesPerStep
    if (this.#walked === undefined) {
      const lines = await readMetrics(runDir)
      this.#walked = walkedIn(lines, samplesPerStep)
      if (order === 'prioritized') this.#priorities = new Priorities(assembly.config.seed, lines.at(-1)?.metrics)
    }
    return this.#walked
  }

  #overlaps(step: number): boolean {
    const { checkpointEvery, maxStaleness } = this.#tools.assembly.config.train
    return maxStaleness === 1 && step < this.#tools.steps && step % checkpointEvery !== 0
  }
}

function difference(now: Tally, before: Tally): Bought {
  return { bought: now.made - before.made, reused: now.reused - before.reused }
}

function order(value: string): ScheduleOptions['order'] {
  return value === 'shuffle' || value === 'prioritized' ? value : 'curriculum'
}
