import { type DdaError, type Demonstration, type Sample, TRAINER } from '@dda-thinker/plugin-api'
import { type Assembly, checkMetrics, thinkerInput } from '@dda-thinker/core'
import { openData, type SampleSource } from '../data/sample-list.ts'
import { errors } from '../errors.ts'
import type { RunEvents } from '../record/events.ts'
import { initOption, makeManifest } from '../record/manifest.ts'
import { openJob } from './open-job.ts'
import { Schedule } from './schedule.ts'
import type { RunOptions } from './run-options.ts'
import type { TrainResult } from './training-plan.ts'
import { runTraining } from './training-session.ts'

export interface ImitateOptions extends RunOptions {
  readonly steps: number
  /** Demonstrations of a step. */
  readonly batch: number
  readonly initFrom?: string
}

/**
 * Supervised warm start (`dda train --stage sft`): cross-entropy on the demonstrations of the train split, in seeded
 * shuffles. Checkpointed and resumable like reinforcement learning.
 *
 * @throws DdaError `DDA_NO_WARM_START`, `DDA_NO_DEMONSTRATIONS` and those of {@link train}
 */
export async function imitate(
  assembly: Assembly,
  options: ImitateOptions,
  events: RunEvents = {},
): Promise<TrainResult> {
  const { workspace } = options
  const trainer = assembly.resolve(TRAINER)
  if (trainer.imitate === undefined) throw noWarmStart(assembly.providerOf(trainer))
  let length = 0
  const data = await openData(workspace.paths, ({ split, demonstration }) => {
    if (split !== 'train') return false
    length += 1
    return demonstration !== undefined
  })
  try {
    if (data.samples.length === 0)
      throw errors.make('DDA_NO_DEMONSTRATIONS', { file: data.file }, { location: data.file })
    return await imitateOn({ ...data, samples: { length } }, data.samples, assembly, options, events)
  } finally {
    await data.samples.close()
  }
}

/** @param data as the record of the run describes it */
async function imitateOn(
  data: Parameters<typeof makeManifest>[3],
  samples: SampleSource,
  assembly: Assembly,
  options: ImitateOptions,
  events: RunEvents,
): Promise<TrainResult> {
  const { workspace, steps, batch } = options
  const { config } = assembly
  const trainer = assembly.resolve(TRAINER)
  const { ledger, context, signals } = await openJob(assembly, options, [TRAINER], events)
  const schedule = new Schedule(samples, {
    samplesPerStep: batch,
    groupSize: 1,
    order: 'shuffle',
    seed: config.seed,
    temperature: 1,
  })
  const initFrom = options.initFrom === undefined ? {} : { initFrom: options.initFrom }
  const init = initOption(workspace.paths.root, options.initFrom)
  return runTraining(
    assembly,
    { ...options, ...signals },
    {
      trainer,
      ledger,
      manifest: await makeManifest(
        assembly,
        'imitate',
        { batch, ...init },
        data,
        options.printable,
        workspace.paths.root,
      ),
      steps,
      checkpointEvery: config.train.checkpointEvery,
      keepCheckpoints: config.train.keepCheckpoints,
      ...initFrom,
      async runStep(step, session) {
        const started = performance.now()
        const chosen = await schedule.samples(step)
        session.updating = true
        const made = await trainer.imitate?.(chosen.flatMap(demonstration), { signal: context.signal })
        if (made === undefined) throw noWarmStart(assembly.providerOf(trainer))
        checkMetrics(assembly.providerOf(trainer), made)
        const report = await assembly.call('update', made, { step })
        const { policyVersion, metrics } = report
        const seconds = (performance.now() - started) / 1000
        return {
          policyVersion,
          metrics,
          causes: [],
          line: {
            type: 'step',
            step,
            policyVersion,
            scored: 0,
            gated: 0,
            masked: 0,
            reward: null,
            samples: chosen.map((sample) => sample.id),
          },
          timing: {
            step,
            at: new Date().toISOString(),
            seconds,
            rolloutSeconds: 0,
            updateSeconds: seconds,
            rollouts: 0,
            edits: { bought: 0, reused: 0 },
            judgements: { bought: 0, reused: 0 },
          },
        }
      },
    },
    events,
  )
}

function demonstration(sample: Sample): Demonstration[] {
  return sample.demonstration === undefined ? [] : [{ input: thinkerInput(sample), text: sample.demonstration }]
}

function noWarmStart(plugin: string): DdaError {
  return errors.make('DDA_NO_WARM_START', { plugin }, { plugin })
}
