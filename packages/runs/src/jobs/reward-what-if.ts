import {
  checkReward,
  isDdaError,
  type RewardDecomposition,
  type Rollout,
  type Sample,
  SCOPES,
  type Scope,
} from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { RunInfo } from '../record/run-dir.ts'
import { askedOf, type GroupDivision, groupDivision } from './group-division.ts'
import {
  type AdvantageSetting,
  readSteps,
  type Scored,
  type StepAdvantages,
  stepAdvantagesOf,
} from './stored-rewards.ts'

export interface WhatIfOptions {
  /** A training by reinforcement. */
  readonly run: RunInfo
  /** By id, each with the checklist that the run was judged by. */
  readonly samples: Pick<ReadonlyMap<string, Sample>, 'get'>
  readonly reward: RewardDecomposition
  /** How advantages were made, and how they would be. */
  readonly before: AdvantageSetting
  readonly after: AdvantageSetting
}

/** One rollout under both. */
export interface WhatIfRollout {
  readonly id: string
  readonly reward: readonly [before: number, after: number]
  readonly advantage: readonly [before: number, after: number]
}

export interface WhatIfSide {
  /** Of the rollouts that have a reward on both sides. */
  readonly meanReward: number
  /** Groups whose plans all have advantage 0, of those with two at least. */
  readonly silentGroups: number
}

export interface WhatIf {
  readonly steps: number
  /** With a reward on both sides. */
  readonly compared: number
  readonly groups: number
  readonly masked: number
  /** Without a reward on the other side, by error code. They leave its groups, as masked ones do. */
  readonly unmeasured: Readonly<Record<string, number>>
  readonly before: WhatIfSide
  readonly after: WhatIfSide
  /** From pushed up to pushed down, or the other way; from 0 to something; from something to 0. */
  readonly flipped: number
  readonly woken: number
  readonly silenced: number
  /** The flipped ones, in the order of the record. */
  readonly flips: readonly WhatIfRollout[]
  /** No critic's values are in a record: with gae plans were compared with the others of their group. */
  readonly withoutCritic: readonly [before: boolean, after: boolean]
}

/** Below this an advantage is none: rounding of a mean is no direction. */
const NOTHING = 1e-9

/**
 * A stored training under another reward or other streams: rewards of the recorded verdicts, and the advantages of whole plans. Nobody
 * is called.
 * @throws DdaError `DDA_REWARD_STREAMS` where streams are wanted that the reward does not have, `DDA_CONFIG_INVALID`
 */
export async function rewardWhatIf(options: WhatIfOptions): Promise<WhatIf> {
  const { run, before, after } = options
  const division = divisionOf(options)
  const tally = new Tally()
  for await (const lines of readSteps(run.dir)) {
    tally.steps++
    const stored: Scored[] = []
    const other: Scored[] = []
    for (const line of lines) {
      const { rollout } = line
      if (rollout.reward === undefined) {
        tally.masked++
        continue
      }
      const was = rollout.asked === undefined ? {} : { asked: rollout.asked }
      stored.push({ line, reward: rollout.reward, ...was })
      const now = recompute(options, rollout, division)
      if (typeof now === 'string') tally.unmeasured.set(now, (tally.unmeasured.get(now) ?? 0) + 1)
      else other.push({ line, ...now })
    }
    tally.add(stored, stepAdvantagesOf(stored, before), other, stepAdvantagesOf(other, after))
  }
  return tally.result([before, after])
}

function divisionOf({ run, reward, after }: WhatIfOptions): GroupDivision | undefined {
  const { mode, weights, planOnly } = after
  const wanted = mode === 'sum' ? {} : { streams: { mode, weights, planOnly } }
  return groupDivision(wanted, reward, run.manifest.config.train.groupSize)
}

/** The reward that it would have, or the code of why it has none. */
function recompute(
  { samples, reward }: WhatIfOptions,
  rollout: Rollout,
  division: GroupDivision | undefined,
): Pick<Scored, 'reward' | 'asked'> | string {
  const { plan, sampleId, member } = rollout
  const sample = samples.get(sampleId)
  if (plan === undefined || sample === undefined) return 'DDA_DATA_MISSING'
  const { asked } = askedOf(sample, member, division)
  const was = rollout.asked ?? SCOPES
  // What was never asked cannot be known now.
  const scope = (asked ?? SCOPES).find((one) => !was.includes(one))
  if (scope !== undefined) return errors.make('DDA_REWARD_NOT_ASKED', { rollout: rollout.id, scope }).code
  const of = (itemId: string): Scope | undefined => sample.checklist.find(({ id }) => id === itemId)?.scope
  const verdicts = rollout.verdicts.filter(({ itemId }) => {
    const scope = of(itemId)
    return scope === undefined || (asked ?? SCOPES).includes(scope)
  })
  try {
    const input = { plan, checklist: sample.checklist, verdicts, ...(asked !== undefined && { asked }) }
    const made = reward.decompose(input)
    checkReward(plan, made, { kind: 'plugin-error', plugin: reward.fingerprint, stage: 'reward' })
    return { reward: made, ...(asked !== undefined && { asked }) }
  } catch (error) {
    if (isDdaError(error) && error.kind !== undefined) return error.code
    throw error
  }
}

class Tally {
  steps = 0
  masked = 0
  readonly unmeasured = new Map<string, number>()
  #compared = 0
  #groups = 0
  readonly #rewards: [number, number] = [0, 0]
  readonly #silent: [number, number] = [0, 0]
  #flipped = 0
  #woken = 0
  #silenced = 0
  readonly #flips: WhatIfRollout[] = []

  add(stored: readonly Scored[], before: StepAdvantages, other: readonly Scored[], after: StepAdvantages): void {
    const now = new Map(
      other.map(({ line, reward }, i) => [line.rollout.id, { reward, advantage: after.combined[i] ?? 0 }]),
    )
    const groups = new Map<string, (readonly [before: number, after: number])[]>()
    for (const [i, { line, reward }] of stored.entries()) {
      const { id, group } = line.rollout
      const made = now.get(id)
      if (made === undefined) continue
      const advantage = [before.combined[i] ?? 0, made.advantage] as const
      const rewards = [reward.total, made.reward.total] as const
      this.#compared++
      this.#rewards[0] += rewards[0]
      this.#rewards[1] += rewards[1]
      this.#count({ id, reward: rewards, advantage })
      groups.set(group, [...(groups.get(group) ?? []), advantage])
    }
    for (const members of groups.values()) {
      if (members.length < 2) continue
      this.#groups++
      if (members.every(([was]) => Math.abs(was) < NOTHING)) this.#silent[0]++
      if (members.every(([, is]) => Math.abs(is) < NOTHING)) this.#silent[1]++
    }
  }

  #count(rollout: WhatIfRollout): void {
    const [was, is] = rollout.advantage.map((x) => (Math.abs(x) < NOTHING ? 0 : Math.sign(x)))
    if (was === is) return
    if (was === 0) this.#woken++
    else if (is === 0) this.#silenced++
    else {
      this.#flipped++
      this.#flips.push(rollout)
    }
  }

  /** @throws DdaError `DDA_REWARD_NOTHING` where no rollout has a reward on both sides */
  result([before, after]: readonly [AdvantageSetting, AdvantageSetting]): WhatIf {
    if (this.#compared === 0) {
      const why = [...this.unmeasured].map(([code, count]) => `${count} ${code}`).join(', ')
      throw errors.make('DDA_REWARD_NOTHING', {
        masked: this.masked,
        why: why === '' ? '' : `, without a reward now: ${why}`,
      })
    }
    const side = (i: 0 | 1): WhatIfSide => ({
      meanReward: this.#rewards[i] / this.#compared,
      silentGroups: this.#silent[i],
    })
    return {
      steps: this.steps,
      compared: this.#compared,
      groups: this.#groups,
      masked: this.masked,
      unmeasured: Object.fromEntries([...this.unmeasured].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      before: side(0),
      after: side(1),
      flipped: this.#flipped,
      woken: this.#woken,
      silenced: this.#silenced,
      flips: this.#flips,
      withoutCritic: [before.advantage === 'gae', after.advantage === 'gae'],
    }
  }
}
