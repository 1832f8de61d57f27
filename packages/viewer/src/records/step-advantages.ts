import { advantageSetting, type RolloutLine, stepAdvantagesOf } from '@dda-thinker/runs'
import type { RowAdvantage } from '../wire/view-data.ts'
import type { RunIndex } from './run-index.ts'

/** Steps whose advantages are kept. */
const KEPT = 8

/** The advantages of training, a whole step at a time: they are comparisons within it. */
export class StepAdvantages {
  readonly #index: RunIndex
  readonly #setting: ReturnType<typeof advantageSetting>
  readonly #kept = new Map<number, ReadonlyMap<number, RowAdvantage>>()

  constructor(index: RunIndex) {
    this.#index = index
    const { task, config } = index.run.manifest
    this.#setting = task === 'train' ? advantageSetting(config) : undefined
  }

  /** Does the trainer compare the rollouts of a step with each other, by the options of PPO? */
  get isCompared(): boolean {
    return this.#setting !== undefined
  }

  /** Undefined where nothing was compared, and of a step that is not on the record as a whole: a part of it would tell another advantage. */
  of(row: number): RowAdvantage | undefined {
    const { columns, wholeStep } = this.#index
    const step = columns.rows.step.at(row)
    if (this.#setting === undefined || row >= columns.length || step > wholeStep) return undefined
    let found = this.#kept.get(step)
    if (found === undefined) {
      found = this.#stepOf(row, step, this.#setting)
      if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value ?? 0)
      this.#kept.set(step, found)
    }
    return found.get(row)
  }

  /** The rollouts of a step stand one behind the other. */
  #stepOf(
    row: number,
    step: number,
    setting: NonNullable<ReturnType<typeof advantageSetting>>,
  ): ReadonlyMap<number, RowAdvantage> {
    const steps = this.#index.columns.rows.step
    let first = row
    while (first > 0 && steps.at(first - 1) === step) first -= 1
    const scored: {
      readonly row: number
      readonly line: RolloutLine
      readonly reward: NonNullable<RolloutLine['rollout']['reward']>
    }[] = []
    for (let at = first; at < steps.length && steps.at(at) === step; at += 1) {
      const line = this.#index.line(at)
      if (line?.rollout.reward !== undefined) scored.push({ row: at, line, reward: line.rollout.reward })
    }
    const found = stepAdvantagesOf(
      scored.map(({ line, reward }) => ({
        line,
        reward,
        ...(line.rollout.asked !== undefined && { asked: line.rollout.asked }),
      })),
      setting,
    )
    return new Map(
      scored.map(({ row }, at) => [
        row,
        {
          combined: found.combined[at] ?? 0,
          streams: found.streams.map((name, stream) => ({
            name,
            own: found.scores[at]?.[stream] ?? null,
            advantage: found.byStream[stream]?.[at] ?? 0,
          })),
          estimator: setting.advantage,
          mode: setting.mode,
          withoutCritic: found.withoutCritic,
        },
      ]),
    )
  }
}
