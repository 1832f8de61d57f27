import { type Estimate, wilson } from './interval.ts'

/** One question, answered by a person and by a judge: did the item pass? */
export interface AnsweredTwice {
  readonly human: boolean
  readonly judge: boolean
}

/** How far a judge agrees with people, where a pass is what is to be found. */
export interface Agreement {
  /** Questions answered by both. */
  readonly count: number
  readonly bothPass: number
  readonly bothFail: number
  /** Passed by the judge alone: what a policy would be rewarded for. */
  readonly judgeOnly: number
  /** Passed by the person alone. */
  readonly humanOnly: number
  /** Share of equal answers, with its Wilson interval. */
  readonly raw: Estimate
  /** Cohen's kappa; absent where chance alone leaves nothing to disagree about (both always say the same one thing). */
  readonly kappa?: number
  /** Of what people pass, the share that the judge passes. */
  readonly sensitivity: Estimate
  /** Of what people fail, the share that the judge fails. */
  readonly specificity: Estimate
}

/**
 * Agreement of a judge with people: raw, corrected for chance (Cohen, 1960), and by what people said, each rate with its Wilson interval.
 *
 * @param confidence two-sided level. Default 0.95
 */
export function agreement(pairs: Iterable<AnsweredTwice>, confidence = 0.95): Agreement {
  let [bothPass, bothFail, judgeOnly, humanOnly] = [0, 0, 0, 0]
  for (const { human, judge } of pairs) {
    if (human && judge) bothPass += 1
    else if (human) humanOnly += 1
    else if (judge) judgeOnly += 1
    else bothFail += 1
  }
  const count = bothPass + bothFail + judgeOnly + humanOnly
  const [humanPass, judgePass] = [bothPass + humanOnly, bothPass + judgeOnly]
  // In counts squared, so that chance of 1 is exact.
  const chance = humanPass * judgePass + (count - humanPass) * (count - judgePass)
  const whole = count * count
  const kappa = chance === whole ? undefined : ((bothPass + bothFail) * count - chance) / (whole - chance)
  return {
    count,
    bothPass,
    bothFail,
    judgeOnly,
    humanOnly,
    raw: wilson(bothPass + bothFail, count, confidence),
    ...(kappa === undefined ? {} : { kappa }),
    sensitivity: wilson(bothPass, humanPass, confidence),
    specificity: wilson(bothFail, count - humanPass, confidence),
  }
}
