import { readMetrics, readTimings, rewardShares, type RunInfo } from '@dda-thinker/runs'
import { isDdaError, type Sample } from '@dda-thinker/plugin-api'
import { answerable } from '../wire/answerable.ts'
import type { BlindQuestion, RolloutDetail, RunMetrics } from '../wire/view-data.ts'
import { sightOf } from './judge-sight.ts'
import { RunIndex } from './run-index.ts'
import { SampleCatalogue, type SampleFile } from './sample-catalogue.ts'
import { StepAdvantages } from './step-advantages.ts'

/** What people can be asked about a rollout. */
export interface Askable {
  /** Its id. */
  readonly rollout: string
  readonly questions: readonly BlindQuestion[]
}

/** A run as it is looked at. */
export class ViewedRun {
  readonly run: RunInfo
  readonly index: RunIndex
  readonly #samples: SampleCatalogue
  #advantages: StepAdvantages
  #generation: number

  private constructor(run: RunInfo, samples: SampleCatalogue, generation: number) {
    this.run = run
    this.#samples = samples
    this.#generation = generation
    this.index = new RunIndex(run, samples, generation)
    this.#advantages = new StepAdvantages(this.index)
  }

  /** @param generation number of the first reading of its journal; what was read under a lower one is no longer there */
  static async open(run: RunInfo, data: readonly SampleFile[], generation: number): Promise<ViewedRun> {
    return new ViewedRun(run, await SampleCatalogue.of(run, data), generation)
  }

  /** Rollouts in full, in the order of the rows; `null` where there is no such row. @throws DdaError `DDA_DATA_CHANGED` */
  async rollouts(rows: readonly number[]): Promise<readonly (RolloutDetail | null)[]> {
    const last = Math.max(...rows)
    const { isCompared } = this.#advantages
    await this.index.reach(
      ({ columns, wholeStep }) => last < columns.length && (!isCompared || columns.rows.step.at(last) <= wholeStep),
    )
    const found = () => rows.map((row) => this.#detail(row))
    try {
      return found()
    } catch (error) {
      // Written anew or packed since it was read.
      if (!isDdaError(error) || error.code !== 'DDA_DATA_CHANGED') throw error
      await this.index.refresh()
      return found()
    }
  }

  /** By their places among the sample facts; `null` where the data no longer hold one. */
  async samples(places: readonly number[]): Promise<readonly (Sample | null)[]> {
    await this.index.reach(({ columns }) => Math.max(...places) < columns.sampleFacts.length)
    return places.map((place) => {
      const id = this.index.columns.sampleFacts[place]?.id
      return id === undefined ? null : (this.#samples.get(id) ?? null)
    })
  }

  /** Items of a row's rollout that can be answered: there is what they ask about. @throws DdaError `DDA_DATA_CHANGED` */
  async askable(row: number): Promise<Askable | undefined> {
    await this.index.reach(({ columns }) => row < columns.length)
    const rollout = this.index.line(row)?.rollout
    if (rollout === undefined) return undefined
    const sample = this.#samples.get(rollout.sampleId)
    // What was asked nobody can tell of a sample that is gone.
    if (sample === undefined) return { rollout: rollout.id, questions: [] }
    const questions = answerable(sample.checklist, rollout).map((item) => ({
      id: item.id,
      scope: item.scope,
      question: item.question,
      shown: sightOf(item, rollout, sample, this.run.manifest.sights),
    }))
    return { rollout: rollout.id, questions }
  }

  #detail(row: number): RolloutDetail | null {
    const line = this.index.line(row)
    if (line === undefined) return null
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
