import { assess, type ChecklistItem, passed, type Rollout, type Sample, type Verdict } from '@dda-thinker/plugin-api'
import { type Calibration, calibrationOf, LEAST_ANSWERS } from './ask-calibration.ts'
import { groupBy } from '../statistics/interval.ts'
import { type CalibrationItem, passedByPeople } from './calibration-item.ts'

/** What a record of rollouts says to the questions of a calibration set. */
export class RecordedAnswers {
  /** By what is asked and shown. */
  readonly #open = new Map<string, CalibrationItem[]>()
  readonly #found = new Map<CalibrationItem, Verdict | undefined>()

  constructor(items: Iterable<CalibrationItem>) {
    for (const item of items) {
      const key = contentOf(item, item)
      this.#open.set(key, [...(this.#open.get(key) ?? []), item])
    }
  }

  /**
   * The questions that the record holds: the same one, of the same instruction, about the same plan or the same pictures, whatever the run,
   * rollout and item are called. With the judge's verdict, the first of several; `undefined` where there is none.
   */
  get found(): ReadonlyMap<CalibrationItem, Verdict | undefined> {
    return this.#found
  }

  add({ plan, edit, verdicts }: Rollout, { checklist, instruction, images }: Sample): void {
    const shown = {
      instruction,
      plan: plan?.executable,
      source: images,
      edited: edit?.image,
    }
    for (const { item, verdict } of assess(checklist, verdicts)) {
      if ((item.scope === 'cognitive' ? shown.plan : shown.edited) === undefined) continue
      for (const asked of this.#open.get(contentOf(item, shown)) ?? [])
        this.#found.set(asked, this.#found.get(asked) ?? verdict)
    }
  }
}

type Shown = {
  readonly [K in 'instruction' | 'plan' | 'source' | 'edited']?: CalibrationItem[K] | undefined
}

function contentOf(
  { scope, question, expected }: Pick<ChecklistItem, 'scope' | 'question' | 'expected'>,
  { instruction, plan, source = [], edited }: Shown,
): string {
  const shown = scope === 'cognitive' ? plan : [source.map(({ hash }) => hash), edited?.hash]
  return JSON.stringify([scope, question, expected, instruction, shown])
}

/** How far the judges of a record agree with people: all of them, and each by its fingerprint. */
export interface RecordedCalibration extends Calibration {
  /** By fingerprint. A question without any verdict is unanswered by all of them, and by none of these: no record says who was asked. */
  readonly judges: readonly (Calibration & { readonly judge: string })[]
}

/** How far the judges of two records agree with people, on the same questions. */
export interface CalibrationComparison {
  /** Questions of the set that the later record holds. */
  readonly questions: number
  /** Questions in the set. */
  readonly of: number
  readonly before: RecordedCalibration
  readonly after: RecordedCalibration
  /** Questions on which the later judges agree with people and the earlier ones do not, and the other way round. */
  readonly gained: number
  readonly lost: number
  /** {@link LEAST_ANSWERS}, for whoever reads this. */
  readonly least: number
}

/**
 * Two records of the same plans and pictures under other judges, each beside people.
 *
 * @param of questions in the set
 * @param confidence two-sided level of the intervals. Default 0.95
 */
export function compareCalibration(
  of: number,
  before: RecordedAnswers['found'],
  after: RecordedAnswers['found'],
  confidence?: number,
): CalibrationComparison {
  const items = [...after.keys()]
  const rightness = (item: CalibrationItem, found: RecordedAnswers['found']) =>
    answeredTwice(item, found).map(({ human, judge }) => human === judge)[0]
  const turned = (from: boolean, to: boolean) =>
    items.filter((item) => rightness(item, before) === from && rightness(item, after) === to).length
  const agreementOn = (found: RecordedAnswers['found'], asked: readonly CalibrationItem[]): Calibration => {
    const pairs = asked.flatMap((item) => answeredTwice(item, found))
    return calibrationOf(pairs, asked.length - pairs.length, confidence)
  }
  const calibration = (found: RecordedAnswers['found']): RecordedCalibration => {
    const judged = items.filter((item) => found.get(item) !== undefined)
    const byJudge = groupBy(judged, (item) => found.get(item)?.judge ?? '')
    const judges = [...byJudge].map(([judge, asked]) => ({ judge, ...agreementOn(found, asked) }))
    return { ...agreementOn(found, items), judges: judges.toSorted((a, b) => (a.judge < b.judge ? -1 : 1)) }
  }
  return {
    questions: items.length,
    of,
    before: calibration(before),
    after: calibration(after),
    gained: turned(false, true),
    lost: turned(true, false),
    least: LEAST_ANSWERS,
  }
}

/** One, or none where the judge said nothing that counts. */
function answeredTwice(item: CalibrationItem, found: RecordedAnswers['found']) {
  const verdict = found.get(item)
  if (verdict === undefined || verdict.unmeasured === true) return []
  return [{ human: passedByPeople(item), judge: passed(item, verdict) }]
}
