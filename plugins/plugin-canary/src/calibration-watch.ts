import { basename } from 'node:path'
import {
  askCalibration,
  type Calibration,
  type CalibrationItem,
  checkCalibrationPictures,
  drawQuestions,
  type Estimate,
  readCalibration,
} from '@dda-thinker/evaluation'
import { canaryMetric, CANARY_METRICS, type JudgedInfo, type Logger } from '@dda-thinker/plugin-api'
import type { CanaryOptions } from './options.ts'

/** A judge that something is wrong with. */
export interface Alarm {
  /** Tells it from others, whatever its figures. */
  readonly about: string
  readonly says: string
}

/** What a check found. */
export interface Check {
  readonly metrics: Readonly<Record<string, number>>
  readonly drops: readonly Alarm[]
}

/** Rates that may drop, and what they are of. */
const RATES = {
  raw: 'of the questions that people have answered',
  sensitivity: 'of what people pass',
  specificity: 'of what people fail',
} as const

/**
 * Asks the run's judges, in the first step and every so many, questions that people have answered. They are the same ones each time, past the
 * cache: a service that now runs another model, or the same one otherwise, shows.
 */
export class CalibrationWatch {
  readonly #options: NonNullable<CanaryOptions['calibration']>
  readonly #run: string
  readonly #log: Logger
  #items: Promise<readonly CalibrationItem[]> | undefined
  /** Of the last step that was seen: the judges can be asked by it until the run ends. */
  #info: JudgedInfo | undefined
  #stops = 0
  /** Of each metric, the first figure of the run. */
  readonly #first = new Map<string, number>()

  /** @param runDir of the run; its name keeps its questions apart from those of other runs in the cache */
  constructor(options: NonNullable<CanaryOptions['calibration']>, runDir: string | undefined, log: Logger) {
    this.#options = options
    this.#run = basename(runDir ?? '')
    this.#log = log
  }

  /**
   * Told of each rollout of training; reads the set at the first.
   *
   * @param stops how often alarms have ended the run: each time judges are asked anew
   * @throws DdaError `DDA_CALIBRATION_MISSING`, `DDA_CALIBRATION_INVALID`: they end the run
   */
  async see(info: JudgedInfo, stops: number): Promise<void> {
    this.#info = info
    this.#stops = stops
    await this.#questions(info)
  }

  /** Metrics of an earlier step of the run. */
  addEarlier(metrics: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(metrics)) if (!this.#first.has(name)) this.#first.set(name, value)
  }

  /** Asks the judges, in the steps that are meant to; `undefined` in the others. @throws what asking throws: it ends the run */
  async check(step: number): Promise<Check | undefined> {
    const info = this.#info
    if (info === undefined || (step - 1) % this.#options.every !== 0) return undefined
    const again = this.#stops === 0 ? '' : `again ${this.#stops}/`
    const idOf = ({ item }: CalibrationItem) => `calibration/${this.#run}/${step}/${again}${item}`
    const { judges, uncovered } = await askCalibration(await this.#questions(info), info.ask, { idOf })
    if (uncovered > 0) this.#log.warn(`No judge answers ${uncovered} questions of ${this.#options.file}.`)
    const metrics: Record<string, number> = {}
    const drops: Alarm[] = []
    for (const { judge, failure, ...found } of judges) {
      if (failure !== undefined) this.#log.debug(`${judge} gave no answer to people's questions: ${failure.message}`)
      Object.assign(metrics, metricsOf(judge, found))
      drops.push(...this.#dropsOf(judge, found))
    }
    this.addEarlier(metrics)
    return { metrics: { ...metrics, [CANARY_METRICS.drops]: drops.length }, drops }
  }

  #questions({ images, seed }: JudgedInfo): Promise<readonly CalibrationItem[]> {
    const open = async () => {
      const set = await readCalibration(this.#options.file)
      const items = drawQuestions(set.items, this.#options.questions, seed)
      await checkCalibrationPictures(set, items, images)
      return items
    }
    return (this.#items ??= open())
  }

  /** Rates whose whole interval is below the first of the run. */
  #dropsOf(judge: string, found: Calibration): Alarm[] {
    return (Object.keys(RATES) as (keyof typeof RATES)[]).flatMap((rate) => {
      const name = canaryMetric('agreement', judge, rate)
      const [first, { value, high, count }] = [this.#first.get(name), found[rate]]
      if (first === undefined || value === undefined || high === undefined || high >= first) return []
      const now = `${Math.round(value * count)} of ${count} (${percent(value)}, at most ${percent(high)})`
      const says = `${judge} agrees with people on ${now} ${RATES[rate]}, and first did on ${percent(first)}`
      return [{ about: name, says }]
    })
  }
}

function metricsOf(judge: string, { count, unanswered, kappa, kappaInterval, ...rates }: Calibration) {
  const metrics: Record<string, number> = {}
  const put = (what: string, value: number | undefined) => {
    if (value !== undefined) metrics[canaryMetric('agreement', judge, what)] = value
  }
  const putRate = (what: string, { value, low, high }: Omit<Estimate, 'count'>) => {
    put(what, value)
    put(`${what}-low`, low)
    put(`${what}-high`, high)
  }
  put('answers', count)
  if (unanswered > 0) put('unanswered', unanswered)
  for (const rate of ['raw', 'sensitivity', 'specificity'] as const) putRate(rate, rates[rate])
  putRate('kappa', { ...(kappa !== undefined && { value: kappa }), ...kappaInterval })
  return metrics
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}
