import {
  CANARY_METRICS,
  deriveSeed,
  deriveUniform,
  counts,
  type ImageRef,
  type JudgedInfo,
  type JudgeRequest,
  type Logger,
  type Rollout,
  type UpdateReport,
} from '@dda-thinker/plugin-api'
import { type Alarm, CalibrationWatch } from './calibration-watch.ts'
import { applicable, questionOf, type Kind, type Material } from './canary.ts'
import { earlierSteps } from './earlier-steps.ts'
import { errors } from './errors.ts'
import type { CanaryOptions } from './options.ts'
import { countStops, recordStop } from './recorded-stops.ts'
import { Tally } from './tally.ts'

/** A canary that waits for the end of its step: only then is it sure which other pictures there are. */
interface Waiting {
  readonly material: Material
  readonly info: JudgedInfo
}

interface Step {
  readonly tally: Tally
  readonly waiting: Waiting[]
  /** Edited pictures of the step, by rollout id. */
  readonly pictures: Map<string, { readonly instruction: string; readonly image: ImageRef }>
}

/**
 * Asks the run's judges now and then what has no right to pass, outside the reward. A policy that learns to sway its judge
 * shows in rewards as progress; a judge that can be swayed shows here. Which rollouts are taken, and what is asked, follows from
 * the run's seed and the rollout's id, so a continued run asks the same as an unbroken one. After an alarm that ended the run judges
 * are asked anew, past the cache: a service may have been mended that is known as the same one.
 */
export class CanaryWatch {
  readonly #options: CanaryOptions
  readonly #runDir: string | undefined
  readonly #log: Logger
  readonly #steps = new Map<number, Step>()
  /** Over the run. */
  #total: Tally | undefined
  readonly #calibration: CalibrationWatch | undefined
  readonly #alarmed = new Set<string>()
  /** How often alarms have ended this run before. */
  #stops: Promise<number> | undefined

  constructor(options: CanaryOptions, runDir: string | undefined, log: Logger) {
    this.#options = options
    this.#runDir = runDir
    this.#log = log
    this.#calibration = options.calibration && new CalibrationWatch(options.calibration, runDir, log)
  }

  /** Told of each finished rollout; resolves when its canary is answered. */
  async see(rollout: Rollout, info: JudgedInfo): Promise<void> {
    // Outside training nothing is optimised against the judges.
    if (info.step === 0) return
    const stops = await (this.#stops ??= countStops(this.#runDir))
    await this.#calibration?.see(info, stops)
    // A masked rollout has lost its own judgement already.
    if (!counts(rollout.outcome)) return
    const step = this.#step(info.step)
    if (rollout.edit !== undefined) {
      step.pictures.set(rollout.id, { instruction: info.sample.instruction, image: rollout.edit.image })
    }
    if (deriveUniform('canary', info.seed, rollout.id) >= this.#options.rate) return
    const material = { sample: info.sample, rollout, traps: this.#options.traps }
    const kinds = applicable(this.#options.kinds, material)
    const kind = kinds[deriveSeed('canary-kind', info.seed, rollout.id) % Math.max(1, kinds.length)]
    if (kind === undefined) return
    if (kind === 'swapped-image') step.waiting.push({ material, info })
    else await this.#ask(step, kind, questionOf(kind, material, { pick: this.#pick(info) }), info)
  }

  /**
   * The step's report with its canaries' counts, and how far the judges agree with people where that is asked.
   *
   * @throws DdaError `DDA_CANARY_ALARM`, `DDA_CANARY_AGREEMENT` where an alarm is to stop the run
   */
  async report(report: UpdateReport): Promise<UpdateReport> {
    const step = this.#step(report.step)
    this.#steps.delete(report.step)
    await Promise.all(step.waiting.map((waiting) => this.#askSwapped(step, waiting)))
    this.#total ??= await this.#earlier(report.step)
    this.#total.merge(step.tally)
    const alarms = this.#alarms(this.#total)
    const agreement = await this.#calibration?.check(report.step)
    await this.#raise('DDA_CANARY_ALARM', alarms, report.step)
    await this.#raise('DDA_CANARY_AGREEMENT', agreement?.drops ?? [], report.step)
    const counted = { ...step.tally.metrics(), [CANARY_METRICS.alarms]: alarms.length, ...agreement?.metrics }
    return { ...report, metrics: { ...report.metrics, ...counted } }
  }

  /** One line for the end of a run; undefined where nothing was asked. */
  summary(): string | undefined {
    const rates = this.#total?.entries().map(({ judge, kind, asked, passed }) => `${judge} ${kind} ${passed}/${asked}`)
    return rates === undefined || rates.length === 0 ? undefined : `yes where no was right: ${rates.join(', ')}`
  }

  async #earlier(step: number): Promise<Tally> {
    const tally = new Tally()
    for await (const metrics of earlierSteps(this.#runDir, step)) {
      tally.addMetrics(metrics)
      this.#calibration?.addEarlier(metrics)
    }
    return tally
  }

  #step(step: number): Step {
    let found = this.#steps.get(step)
    if (found === undefined) {
      found = { tally: new Tally(), waiting: [], pictures: new Map() }
      this.#steps.set(step, found)
    }
    return found
  }

  async #askSwapped(step: Step, { material, info }: Waiting): Promise<void> {
    const own = new Set(material.sample.images.map(({ hash }) => hash))
    if (material.rollout.edit !== undefined) own.add(material.rollout.edit.image.hash)
    const others = [...step.pictures]
      // What another instruction made of another sample: what answers the same one may rightly pass.
      .filter(([, { instruction, image }]) => instruction !== material.sample.instruction && !own.has(image.hash))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    const other = others[this.#pick(info) % Math.max(1, others.length)]?.[1].image
    await this.#ask(step, 'swapped-image', questionOf('swapped-image', material, { other, pick: 0 }), info)
  }

  async #ask(step: Step, kind: Kind, question: JudgeRequest | undefined, info: JudgedInfo): Promise<void> {
    if (question === undefined) return
    const stops = (await this.#stops) ?? 0
    for (const share of await info.ask(askedAnew(question, stops))) {
      if ('failure' in share) {
        this.#log.debug(`${kind} of ${info.rolloutId} not answered by ${share.judge}: ${share.failure.message}`)
        step.tally.add(share.judge, kind, { failed: 1 })
        continue
      }
      // What could not be measured is neither a yes nor a no.
      const measured = share.verdicts.filter(({ unmeasured }) => unmeasured !== true)
      const passed = measured.filter(({ answer }) => answer === 'yes').length
      step.tally.add(share.judge, kind, measured.length > 0 ? { asked: measured.length, passed } : { failed: 1 })
    }
  }

  #pick(info: JudgedInfo): number {
    return deriveSeed('canary-pick', info.seed, info.rolloutId)
  }

  #alarms(total: Tally): readonly Alarm[] {
    const { minimum, maxPassRate, thresholds } = this.#options
    return total.entries().flatMap(({ judge, kind, asked, passed }) => {
      const most = thresholds[kind] ?? maxPassRate
      if (asked < minimum || passed <= most * asked) return []
      const says = `${judge} answered yes to ${passed} of ${asked} questions of the kind ${kind}, where no was right`
      return [{ about: `${judge}/${kind}`, says }]
    })
  }

  async #raise(
    code: 'DDA_CANARY_ALARM' | 'DDA_CANARY_AGREEMENT',
    alarms: readonly Alarm[],
    step: number,
  ): Promise<void> {
    for (const { about, says } of alarms) {
      // Once each: the counts go on.
      if (this.#alarmed.has(about)) continue
      this.#alarmed.add(about)
      const error = errors.make(code, { alarm: says }, { kind: 'unavailable', stopsRun: true })
      if (this.#options.onAlarm === 'stop') {
        await recordStop(this.#runDir, { step, code, alarm: says })
        throw error
      }
      this.#log.warn(`${error.code}: ${error.message}.`)
    }
  }
}

/** The same question under ids that no cache knows, where alarms have ended the run so many times. */
function askedAnew(question: JudgeRequest, stops: number): JudgeRequest {
  if (stops === 0) return question
  return { ...question, items: question.items.map((item) => ({ ...item, id: `canary/${stops}/${item.id}` })) }
}
