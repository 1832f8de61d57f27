import { readMetrics, readTimings, rewardShares, type RunInfo } from '@dda-thinker/runs'
import type { Sample } from '@dda-thinker/plugin-api'
import type { RolloutDetail, RunMetrics } from '../wire/view-data.ts'
import { RunIndex } from './run-index.ts'
import { SampleCatalogue, type SampleFile } from './sample-catalogue.ts'
import { StepAdvantages } from './step-advantages.ts'

/** A run as it is looked at. */
export class ViewedRun {
  readonly run: RunInfo
  readonly index: RunIndex
  readonly #samples: SampleCatalogue
  #advantages: StepAdvantages
  #generation = 1

  private constructor(run: RunInfo, samples: SampleCatalogue) {
    this.run = run
    this.#samples = samples
    this.index = new RunIndex(run, samples)
    this.#advantages = new StepAdvantages(this.index)
  }

  static async open(run: RunInfo, data: readonly SampleFile[]): Promise<ViewedRun> {
    return new ViewedRun(run, await SampleCatalogue.of(run, data))
  }

  /** Undefined where there is no such row. @throws DdaError `DDA_DATA_CHANGED` */
  detail(row: number): RolloutDetail | undefined {
    const line = this.index.line(row)
    if (line === undefined) return undefined
    const { step, thinker, tokens, rollout } = line
    const advantage = this.#advantagesNow().of(row)
    return {
      row,
      step,
      ...(thinker === undefined ? {} : { thinker }),
      ...(tokens === undefined ? {} : { tokens }),
      rollout,
      shares: rewardShares(rollout, this.#samples.get(rollout.sampleId)),
      ...(advantage === undefined ? {} : { advantage }),
    }
  }

  /** By its place among the sample facts; `null` where the data no longer hold it. */
  sample(place: number): Sample | null {
    const id = this.index.columns.sampleFacts[place]?.id
    return id === undefined ? null : (this.#samples.get(id) ?? null)
  }

  /** Metrics of training with the wall clock of its steps; the last line of a step that was done twice counts. */
  async metrics(): Promise<RunMetrics> {
    const lines = new Map<number, Record<string, number>>()
    for (const { step, metrics } of await readMetrics(this.run.dir, () => undefined)) lines.set(step, { ...metrics })
    for (const timing of await readTimings(this.run.dir)) {
      const line = lines.get(timing.step)
      if (line === undefined) continue
      line['time/step'] = timing.seconds
      line['time/rollouts'] = timing.rolloutSeconds
      line['time/update'] = timing.updateSeconds
      line['bought/edits'] = timing.edits.bought
      line['reused/edits'] = timing.edits.reused
      line['bought/judgements'] = timing.judgements.bought
      line['reused/judgements'] = timing.judgements.reused
    }
    const steps = [...lines.keys()].toSorted((a, b) => a - b)
    const names = [...new Set([...lines.values()].flatMap((line) => Object.keys(line)))].toSorted()
    const valuesOf = (name: string) => steps.map((step) => lines.get(step)?.[name] ?? null)
    return { steps, series: Object.fromEntries(names.map((name) => [name, valuesOf(name)])) }
  }

  #advantagesNow(): StepAdvantages {
    const { generation } = this.index.state()
    if (generation !== this.#generation) this.#advantages = new StepAdvantages(this.index)
    this.#generation = generation
    return this.#advantages
  }
}
