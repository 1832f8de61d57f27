import { type Failure, type JudgeRequest, type JudgeShare, passed, type SeenOfSample } from '@dda-thinker/plugin-api'
import { type Agreement, agreement, type AnsweredTwice } from '../statistics/agreement.ts'
import { type CalibrationItem, calibrationQuestions, passedByPeople } from './calibration-item.ts'

/**
 * Answers from which on a rate is told. The 95 % interval of a half is 24 to 76 % of ten answers, and wider of fewer: that says nothing of
 * a judge.
 */
export const LEAST_ANSWERS = 10

/** How far one judge, or all of them, agree with people. A rate of fewer than {@link LEAST_ANSWERS} has its count alone. */
export interface Calibration extends Agreement {
  /** Questions that it was asked and gave no answer to: it failed, or had nothing to go by. */
  readonly unanswered: number
}

/** {@link Calibration} of one judge. */
export interface JudgeCalibration extends Calibration {
  /** As {@link JudgeShare} names it. */
  readonly judge: string
  /** Its first failure. */
  readonly failure?: Failure
}

/** How far the judges agree with people on a calibration set. */
export interface CalibrationResult {
  readonly all: Calibration
  /** By name. */
  readonly judges: readonly JudgeCalibration[]
  /** Questions that no judge answers. */
  readonly uncovered: number
  /** {@link LEAST_ANSWERS}, for whoever reads this. */
  readonly least: number
}

interface Tally {
  readonly pairs: AnsweredTwice[]
  unanswered: number
  failure?: Failure
}

/** Asks judges, as a tap of `judge` may (`JudgedInfo.ask`). */
export type AskJudges = (question: JudgeRequest, about: SeenOfSample) => Promise<readonly JudgeShare[]>

export interface AskCalibrationOptions {
  /** Two-sided level of the intervals. Default 0.95. */
  readonly confidence?: number
  /** Requests under way at once. Default 8. */
  readonly concurrency?: number
  /** As {@link calibrationQuestions} takes it. */
  readonly idOf?: (item: CalibrationItem) => string
}

/**
 * Puts the questions of a calibration set to judges, and tells how far they agree with people. What fails is counted and is no answer;
 * `unsure` passes no item, as in a reward.
 *
 * @throws what `ask` throws
 */
export async function askCalibration(
  items: readonly CalibrationItem[],
  ask: AskJudges,
  { confidence, concurrency = 8, idOf }: AskCalibrationOptions = {},
): Promise<CalibrationResult> {
  const tallies = new Map<string, Tally>()
  const open = calibrationQuestions(items, idOf)[Symbol.iterator]()
  let covered = 0
  const work = async () => {
    for (const { request, about, items: asked } of open) {
      const byId = new Map(request.items.map(({ id }, i) => [id, asked[i] as CalibrationItem]))
      for (const share of await ask(request, about)) {
        covered += share.items.length
        count(share, byId, tallies)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  const judges = [...tallies].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    all: calibrationOf(
      judges.flatMap(([, { pairs }]) => pairs),
      judges.reduce((sum, [, { unanswered }]) => sum + unanswered, 0),
      confidence,
    ),
    judges: judges.map(([judge, { pairs, unanswered, failure }]) => ({
      judge,
      ...calibrationOf(pairs, unanswered, confidence),
      ...(failure !== undefined && { failure }),
    })),
    uncovered: items.length - covered,
    least: LEAST_ANSWERS,
  }
}

function count(share: JudgeShare, byId: ReadonlyMap<string, CalibrationItem>, tallies: Map<string, Tally>): void {
  const tally = tallies.get(share.judge) ?? { pairs: [], unanswered: 0 }
  tallies.set(share.judge, tally)
  if ('failure' in share) {
    tally.unanswered += share.items.length
    tally.failure ??= share.failure
    return
  }
  for (const verdict of share.verdicts) {
    const item = byId.get(verdict.itemId)
    if (item === undefined || verdict.unmeasured === true) tally.unanswered += 1
    else tally.pairs.push({ human: passedByPeople(item), judge: passed(item, verdict) })
  }
}

/** {@link agreement}, without the rates that rest on too little. */
export function calibrationOf(
  pairs: Iterable<AnsweredTwice>,
  unanswered: number,
  confidence: number | undefined,
): Calibration {
  const { kappa, kappaInterval, raw, sensitivity, specificity, ...counts } = agreement(pairs, confidence)
  const enough = (rate: Agreement['raw']) => (rate.count < LEAST_ANSWERS ? { count: rate.count } : rate)
  const beyond =
    raw.count < LEAST_ANSWERS ? {} : { ...(kappa !== undefined && { kappa }), ...(kappaInterval && { kappaInterval }) }
  return {
    ...counts,
    raw: enough(raw),
    ...beyond,
    sensitivity: enough(sensitivity),
    specificity: enough(specificity),
    unanswered,
  }
}
