import { mkdir } from 'node:fs/promises'
import {
  EDITOR,
  EXTERNAL_TRAINER,
  type TrainingSettings,
  type ExternalTrainer,
  JUDGES,
  REWARD,
  type RewardEndpoint,
} from '@dda-thinker/plugin-api'
import { type Assembly, checkMetrics, interrupted, refuseAllMasked } from '@dda-thinker/core'
import { causesOf, countOutcomes, meanReward, stepMetrics } from '@dda-thinker/evaluation'
import { ChecklistSurvey } from '../data/checklist-survey.ts'
import { readSamples } from '../data/samples-file.ts'
import { SampleDesk } from '../data/sample-desk.ts'
import { openData } from '../data/sample-list.ts'
import { errors } from '../errors.ts'
import type { RunEvents } from '../record/events.ts'
import { runFile } from '../record/layout.ts'
import { initOption, makeManifest } from '../record/manifest.ts'
import { checkTraining, trainingSettings } from './check-training.ts'
import { openJob } from './open-job.ts'
import type { Scoring } from './plan-scoring.ts'
import { StepScoring } from './step-scoring.ts'
import type { StepResult, TrainingSession, TrainResult } from './training-plan.ts'
import { runTraining } from './training-session.ts'
import type { TrainOptions } from './train.ts'

export interface ExternalTrainOptions extends TrainOptions {
  /** Offers the rewards of the run over HTTP until it is closed. */
  readonly offer: (scoring: Scoring) => Promise<RewardEndpoint & { readonly close: () => Promise<void> }>
}

/**
 * Training by software of others, which asks this run for rewards: its rollouts, metrics and checkpoints are kept as those of {@link train}
 * are, and the same call on the same run directory continues it from the last checkpoint.
 *
 * @throws DdaError as {@link train}; `DDA_CONFIG_INVALID` for what the engine would ignore; whatever it ended with
 */
export async function trainExternally(
  assembly: Assembly,
  options: ExternalTrainOptions,
  events: RunEvents = {},
): Promise<TrainResult> {
  const { workspace, runDir } = options
  const { config } = assembly
  const trainer = assembly.resolve(EXTERNAL_TRAINER)
  const checklists = new ChecklistSurvey()
  const data = await openData(workspace.paths, (sample) => {
    if (sample.split === 'train') checklists.add(sample)
    return sample.split === 'train'
  })
  await data.samples.close()
  const { file } = data
  if (data.samples.length === 0)
    throw errors.make('DDA_DATA_MISSING/split', { file, split: 'train' }, { location: file })
  checklists.requireAll()
  const steps = options.steps ?? config.train.steps
  const settings = trainingSettings(assembly, { steps, samples: data.samples.length })
  // Before the engine, or anything that costs, is started.
  await checkTraining(assembly, settings)
  // A soft end waits for the step under way, whose requests go on until then.
  const { stop: _soft, ...hard } = options
  const job = await openJob(assembly, hard, [EDITOR, REWARD, JUDGES, EXTERNAL_TRAINER], events)
  const samples = await SampleDesk.open(workspace, runFile(runDir, 'samples'))
  const { samplesPerStep, groupSize, checkpointEvery, keepCheckpoints } = config.train
  const scoring = new StepScoring({ job, samples, groupSize, expected: samplesPerStep * groupSize, events })
  const init = initOption(workspace.paths.root, options.initFrom)
  const stops = options.stop === undefined ? [job.signals.stop] : [job.signals.stop, options.stop]
  let engine: EngineRun | undefined
  try {
    return await runTraining(
      assembly,
      { ...options, ...job.signals, stop: AbortSignal.any(stops) },
      {
        trainer,
        ledger: job.ledger,
        manifest: await makeManifest(assembly, 'train', init, data, options.printable, workspace.paths.root),
        steps: settings.steps,
        checkpointEvery,
        keepCheckpoints,
        ...(options.initFrom === undefined ? {} : { initFrom: options.initFrom }),
        savesAtAnyStep: trainer.savesAtAnyStep,
        runStep: async (step, session) => {
          scoring.begin(step, session.journal)
          engine ??= await EngineRun.start(
            assembly,
            { trainer, scoring, options, settings, file },
            step,
            job.context.signal,
          )
          return engine.runStep(step, session)
        },
      },
      events,
    )
  } finally {
    await engine?.close()
    scoring.dispose()
    await samples.close()
  }
}

interface Tools {
  readonly trainer: ExternalTrainer
  readonly scoring: StepScoring
  readonly options: ExternalTrainOptions
  readonly settings: Required<TrainingSettings>
  /** Of the samples. */
  readonly file: string
}

/** The engine from its start to its end, and the rewards that it asks for. */
class EngineRun {
  readonly #assembly: Assembly
  readonly #tools: Tools
  readonly #signal: AbortSignal
  readonly #offered: { readonly close: () => Promise<void> }

  private constructor(
    assembly: Assembly,
    tools: Tools,
    signal: AbortSignal,
    offered: { readonly close: () => Promise<void> },
  ) {
    this.#assembly = assembly
    this.#tools = tools
    this.#signal = signal
    this.#offered = offered
  }

  static async start(assembly: Assembly, tools: Tools, firstStep: number, signal: AbortSignal): Promise<EngineRun> {
    const { trainer, scoring, options, settings, file } = tools
    const folder = runFile(options.runDir, 'engine')
    await mkdir(folder, { recursive: true })
    const { close, ...reward } = await options.offer(scoring)
    try {
      const { images } = options.workspace
      const data = () => readSamples(file)
      const { seed } = assembly.config
      await trainer.start({ ...settings, firstStep, seed, folder, reward, data, images }, { signal })
      return new EngineRun(assembly, tools, signal, { close })
    } catch (error) {
      await close()
      throw error
    }
  }

  async runStep(step: number, session: TrainingSession): Promise<StepResult> {
    const { trainer, scoring } = this.#tools
    const started = performance.now()
    const edits = { ...scoring.stats.edits }
    const judgements = { ...scoring.stats.judgements }
    session.updating = true
    const said = await whileFit(trainer.step(step, { signal: this.#signal }), scoring.ended)
    const { rollouts, samples } = scoring.take()
    if (rollouts.length > 0) refuseAllMasked(step, rollouts)
    const by = this.#assembly.providerOf(trainer)
    checkMetrics(by, said)
    const all = { ...said, metrics: { ...stepMetrics(rollouts, samples), ...said.metrics } }
    const report = checkMetrics('a tap on `update`', await this.#assembly.call('update', all, { step }))
    const { policyVersion } = report
    const seconds = (performance.now() - started) / 1000
    return {
      policyVersion,
      metrics: report.metrics,
      causes: causesOf(rollouts),
      line: { type: 'step', step, policyVersion, ...countOutcomes(rollouts), reward: meanReward(rollouts) },
      timing: {
        step,
        at: new Date().toISOString(),
        seconds,
        // What the engine spends on what is not told apart from here.
        rolloutSeconds: seconds,
        updateSeconds: 0,
        rollouts: rollouts.length,
        edits: difference(scoring.stats.edits, edits),
        judgements: difference(scoring.stats.judgements, judgements),
      },
    }
  }

  close(): Promise<void> {
    return this.#offered.close()
  }
}

/** The step, unless the run ends first: the engine would then ask for rewards in vain. */
async function whileFit<T>(step: Promise<T>, ended: AbortSignal): Promise<T> {
  step.catch(() => undefined)
  if (ended.aborted) throw ended.reason instanceof Error ? ended.reason : interrupted()
  let give: () => void = () => undefined
  const end = new Promise<never>((_resolve, reject) => {
    give = () => reject(ended.reason instanceof Error ? ended.reason : interrupted())
    ended.addEventListener('abort', give, { once: true })
  })
  try {
    return await Promise.race([step, end])
  } finally {
    ended.removeEventListener('abort', give)
  }
}

function difference(now: { made: number; reused: number }, before: { made: number; reused: number }) {
  return { bought: now.made - before.made, reused: now.reused - before.reused }
}
