import { planOnlyMembers } from '@dda-thinker/plugin-api'
import type { Spending } from './spending.ts'

/** What a training is told to do. */
export interface TrainingSize {
  readonly steps: number
  readonly samplesPerStep: number
  /** Rollouts of each sample in a step. */
  readonly groupSize: number
  /** How often a step may draw as many groups again; 0 without a filter. */
  readonly refills: number
  /** Share of each group that is asked for its plan alone; 0 where the group is not divided. */
  readonly planOnly: number
  /** Judges of the configuration. */
  readonly judges: number
}

/** Stages that call services. */
export type DearStage = 'edit' | 'judge'

/** What a training asks of one stage. */
export interface StageEstimate {
  readonly stage: DearStage
  /** Results, where the cache has none of them and nothing fails. */
  readonly most: number
  /** Calls at once, where known. */
  readonly places?: number
  /** Mean time of a call that was measured. */
  readonly secondsEach?: number
  /** Of all of them, with all places busy. */
  readonly seconds?: number
  readonly money?: number
  /** To and from. */
  readonly tokens?: number
}

/** What a training asks for at most, and what that costs where a run has measured it. What is not known is absent, never 0. */
export interface TrainingEstimate {
  readonly rollouts: number
  readonly stages: readonly StageEstimate[]
  /** Of the slowest stage; the policy's own work is not in it. */
  readonly seconds?: number
  readonly money?: number
}

/**
 * Upper bounds from the configuration, scaled by what a result cost in a run that is there.
 *
 * @param measured books of that run; empty where there is none
 * @param places calls at once by stage, where known
 * @param perEdit price of an edit, for where no run has measured one
 */
export function estimateTraining(
  size: TrainingSize,
  measured: readonly Spending[],
  places: Readonly<Partial<Record<DearStage, number>>>,
  perEdit?: number,
): TrainingEstimate {
  const groups = size.steps * size.samplesPerStep * (1 + size.refills)
  const rollouts = groups * size.groupSize
  const edits = groups * (size.groupSize - planOnlyMembers(size.groupSize, size.planOnly))
  // A request for each half; where more judges share them, one for each. A member of a divided group is asked one half.
  const judgements = size.planOnly > 0 ? rollouts : rollouts * Math.max(2, size.judges)
  const stages = [['edit', edits] as const, ['judge', judgements] as const].map(([stage, most]): StageEstimate => {
    const { secondsEach, money, tokens } = unitCosts(measured, stage)
    const each = money ?? (stage === 'edit' ? perEdit : undefined)
    const at = places[stage]
    return {
      stage,
      most,
      ...(at === undefined ? {} : { places: at }),
      ...(secondsEach === undefined ? {} : { secondsEach }),
      ...(secondsEach === undefined || at === undefined ? {} : { seconds: (most * secondsEach) / at }),
      ...(each === undefined ? {} : { money: most * each }),
      ...(tokens === undefined ? {} : { tokens: most * tokens }),
    }
  })
  const seconds = stages.flatMap((stage) => stage.seconds ?? [])
  const money = stages.flatMap((stage) => stage.money ?? [])
  return {
    rollouts,
    stages,
    ...(seconds.length === 0 ? {} : { seconds: Math.max(...seconds) }),
    ...(money.length === 0 ? {} : { money: money.reduce((sum, one) => sum + one, 0) }),
  }
}

/** Of one result, failures and repetitions included: they were paid for too. */
function unitCosts(measured: readonly Spending[], stage: DearStage) {
  const rows = measured.filter((row) => row.stage === stage)
  const sum = (figure: 'results' | 'calls' | 'ms' | 'money' | 'inputTokens' | 'outputTokens') => {
    const known = rows.flatMap((row) => row[figure] ?? [])
    return known.length === 0 ? undefined : known.reduce((all, one) => all + one, 0)
  }
  const results = sum('results')
  if (results === undefined || results === 0) return {}
  const [ms, money, input, output] = [sum('ms'), sum('money'), sum('inputTokens'), sum('outputTokens')]
  return {
    ...(ms === undefined ? {} : { secondsEach: ms / 1000 / results }),
    ...(money === undefined ? {} : { money: money / results }),
    ...(input === undefined && output === undefined ? {} : { tokens: ((input ?? 0) + (output ?? 0)) / results }),
  }
}
