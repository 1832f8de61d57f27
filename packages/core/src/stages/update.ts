import {
  counts,
  reportProblem,
  REWARD,
  type Rollout,
  type Sample,
  type ThinkerInput,
  type Trainer,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import { attribute } from '../assembly/attribution.ts'
import { errors } from '../errors.ts'

/**
 * update: one step of the trainer on the step's rollouts, then the hook. Masked rollouts are handed over too; a step of
 * nothing else has nothing to learn from ({@link refuseAllMasked}).
 *
 * @param samples the samples of the rollouts, by id
 * @param measured of the step besides; the hook sees it with the trainer's own metrics
 * @throws DdaError `DDA_METRIC_NOT_FINITE`, and what the trainer throws
 */
export async function updateStage(
  assembly: Assembly,
  trainer: Trainer,
  step: number,
  rollouts: readonly Rollout[],
  samples: ReadonlyMap<string, Sample>,
  signal: AbortSignal,
  measured: UpdateReport['metrics'] = {},
): Promise<UpdateReport> {
  const streams = trainer.streams === undefined ? undefined : assembly.resolve(REWARD).streams
  const inputs = [...samples.values()].map(thinkerInput)
  const report = await trainer.update({ step, rollouts, inputs, ...(streams !== undefined && { streams }) }, { signal })
  checkMetrics(assembly.providerOf(trainer), report)
  const all = { ...report, metrics: { ...measured, ...report.metrics } }
  return checkMetrics('a tap on `update`', await assembly.call('update', all, { step }))
}

/** What a Thinker may see of a sample, in an object of its own. */
export function thinkerInput({ id, images, instruction }: Sample): ThinkerInput {
  return { id, images, instruction }
}

/** @throws DdaError `DDA_STEP_ALL_MASKED` with the first failure; the trainer has not been touched then */
export function refuseAllMasked(step: number, rollouts: readonly Rollout[]): void {
  if (rollouts.some(({ outcome }) => counts(outcome))) return
  const first = rollouts[0]?.outcome
  const failure = first?.kind === 'masked' ? first.failure : undefined
  const why =
    failure === undefined ? '' : `; the first failed in ${failure.stage} with ${failure.code}: ${failure.message}`
  throw errors.make(
    'DDA_STEP_ALL_MASKED',
    { count: rollouts.length, step, why },
    { stage: 'update', ...(failure?.plugin === undefined ? {} : { plugin: failure.plugin }) },
  )
}

export function checkMetrics(plugin: string, report: UpdateReport): UpdateReport {
  const problem = reportProblem(report)
  if (problem !== undefined) throw attribute(new TypeError(problem), { plugin, stage: 'update' }, 'its update')
  const bad = Object.entries(report.metrics).find(([, value]) => !Number.isFinite(value))
  if (bad === undefined) return report
  throw errors.make(
    'DDA_METRIC_NOT_FINITE/step',
    { step: report.step, metric: bad[0], value: String(bad[1]) },
    { plugin, stage: 'update' },
  )
}
