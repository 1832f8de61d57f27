import { placeRewards, type TrainerProbe } from '@dda-thinker/plugin-api'
import { wireNumbers } from './protocol.ts'

/** The worker's own maths: each method runs the function that an update calls. @param call runs one probe by its name */
export function workerProbe(call: <T>(method: keyof TrainerProbe, input: unknown) => Promise<T>): TrainerProbe {
  const ask = <K extends keyof TrainerProbe>(method: K) =>
    ((input: Parameters<TrainerProbe[K]>[0]) => call(method, wireNumbers(input))) as TrainerProbe[K]
  return {
    gae: ask('gae'),
    whiten: ask('whiten'),
    policyLoss: ask('policyLoss'),
    valueLoss: ask('valueLoss'),
    kl: ask('kl'),
    klInReward: ask('klInReward'),
    adaptiveKl: ask('adaptiveKl'),
    groupAdvantages: ask('groupAdvantages'),
    advantages: ask('advantages'),
    // Rewards are put on tokens on this side of the pipe.
    placeRewards: async ({ plan, reward }) => placeRewards(plan, reward),
    explainedVariance: ask('explainedVariance'),
  }
}
