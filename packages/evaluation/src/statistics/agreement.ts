import { type Estimate, wilson } from './interval.ts'
import { normalQuantile } from './normal-quantile.ts'

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
  /** Of kappa; absent where both always, or never, say the same: the large-sample error is 0 there and tells nothing. */
  readonly kappaInterval?: { readonly low: number; readonly high: number }
  /** Of what people pass, the share that the judge passes. */
  readonly sensitivity: Estimate
  /** Of what people fail, the share that the judge fails. */
  readonly specificity: Estimate
}

/**
 * Agreement of a judge with people: raw, corrected for chance (Cohen, 1960), and by what people said, each rate with its Wilson interval and
 * kappa with that of its large-sample error (Fleiss, Cohen and Everitt, 1969).
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
  const kappaInterval =
    kappa === undefined ? undefined : intervalOf(kappa, { bothPass, bothFail, judgeOnly, humanOnly }, confidence)
  return {
    count,
    bothPass,
    bothFail,
    judgeOnly,
    humanOnly,
    raw: wilson(bothPass + bothFail, count, confidence),
    ...(kappa === undefined ? {} : { kappa }),
    ...(kappaInterval === undefined ? {} : { kappaInterval }),
    sensitivity: wilson(bothPass, humanPass, confidence),
    specificity: wilson(bothFail, count - humanPass, confidence),
  }
}

/** Fleiss, Cohen and Everitt (1969), equation 13, for two categories. */
function intervalOf(
  kappa: number,
  table: Pick<Agreement, 'bothPass' | 'bothFail' | 'judgeOnly' | 'humanOnly'>,
  confidence: number,
): Agreement['kappaInterval'] {
  const count = table.bothPass + table.bothFail + table.judgeOnly + table.humanOnly
  const [pass, fail, judgeOnly, humanOnly] = [
    table.bothPass / count,
    table.bothFail / count,
    table.judgeOnly / count,
    table.humanOnly / count,
  ]
  const [human, judge] = [pass + humanOnly, pass + judgeOnly]
  const chance = human * judge + (1 - human) * (1 - judge)
  const rest = 1 - kappa
  const same = pass * (1 - (human + judge) * rest) ** 2 + fail * (1 - (2 - human - judge) * rest) ** 2
  // Off the diagonal the margins are crossed: of what the person says, the judge's, and the other way round.
  const apart = rest ** 2 * (humanOnly * (judge + 1 - human) ** 2 + judgeOnly * (1 - judge + human) ** 2)
  const variance = (same + apart - (kappa - chance * rest) ** 2) / ((1 - chance) ** 2 * count)
  // Rounding leaves some 1e-17 where it is 0.
  if (!(variance > 1e-12)) return undefined
  const half = normalQuantile(0.5 + confidence / 2) * Math.sqrt(variance)
  return { low: Math.max(-1, kappa - half), high: Math.min(1, kappa + half) }
}
