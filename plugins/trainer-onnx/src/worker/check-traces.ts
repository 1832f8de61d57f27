import { errors } from '../errors.ts'

/**
 * Mean distance in nats of the log-probs of one plan, sampled and scored, that passes as rounding. Everything is float32 on one
 * machine, where a token is off by about 1e-6; plans sampled at 0.7 and scored at 1 are off by 0.3.
 */
const LIMIT = 0.01

/**
 * Holds the first on-policy plans of a run to a ratio of 1: what the policy says of them now is what it said when it wrote them.
 * @param recorded log-probs in the traces, by plan
 * @param scored the same by the policy as it is
 * @throws DdaError `DDA_TRAINER_RATIO`
 */
export function checkTraces(recorded: readonly (readonly number[])[], scored: readonly (readonly number[])[]): void {
  let [total, most, count] = [0, 0, 0]
  for (const [i, plan] of recorded.entries()) {
    for (const [t, before] of plan.entries()) {
      const distance = Math.abs((scored[i]?.[t] ?? Number.NaN) - before)
      total += distance
      most = Math.max(most, distance)
      count++
    }
  }
  if (total / count <= LIMIT) return
  throw errors.make(
    'DDA_TRAINER_RATIO',
    { distance: (total / count).toPrecision(2), ratio: Math.exp(most).toPrecision(3) },
    { stage: 'update' },
  )
}
