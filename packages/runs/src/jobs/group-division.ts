import {
  checkValueHeads,
  contractErrors,
  itemsOf,
  planOnlyMembers,
  SCOPES,
  type RewardDecomposition,
  type Sample,
  type Scope,
  type Trainer,
} from '@dda-thinker/plugin-api'
import type { RolloutRequest } from '@dda-thinker/core'
import { errors } from '../errors.ts'

/** Which members of a group are asked what, where not all are asked everything. */
export interface GroupDivision {
  /** Members from this one on are asked for their plan alone; 0: nobody's plan is edited. */
  readonly edited: number
  /** What the members before it are asked, and those from it on. */
  readonly asked: { readonly edited: readonly Scope[]; readonly planOnly: readonly Scope[] }
}

/** Where the reward reads nothing of the edited image. */
const PLANS_ALONE: GroupDivision = { edited: 0, asked: { edited: [], planOnly: ['cognitive'] } }

/**
 * How groups are divided: as the trainer wants, or not edited at all where the reward needs no edit; `undefined`: every member is
 * asked everything.
 *
 * @throws DdaError `DDA_REWARD_STREAMS` for a trainer that wants streams of a reward that names none, or that gives weight to one
 * which is not there, or has no value head for one; `DDA_CONFIG_INVALID` for groups too small to leave two members to each side
 */
export function groupDivision(
  { streams: wanted }: Pick<Trainer, 'streams'>,
  { streams, needsEdit = true }: Pick<RewardDecomposition, 'streams' | 'needsEdit'>,
  groupSize: number,
): GroupDivision | undefined {
  const whole = needsEdit ? undefined : PLANS_ALONE
  if (wanted === undefined) return whole
  if (streams === undefined) {
    throw contractErrors.make('DDA_REWARD_STREAMS/none', {}, { location: 'trainer.streams' })
  }
  const unknown = Object.keys(wanted.weights).find((name) => streams.every((stream) => stream.name !== name))
  if (unknown !== undefined) {
    const known = streams.map(({ name }) => name).join(', ')
    throw errors.make('DDA_REWARD_STREAMS/unknown', { unknown, known }, { location: 'trainer.streams.weights' })
  }
  checkValueHeads(
    wanted,
    streams.map(({ name }) => name),
  )
  // Nothing is left to divide where nobody is edited.
  if (wanted.mode !== 'split' || !needsEdit) return whole
  const planOnly = planOnlyMembers(groupSize, wanted.planOnly ?? 0.5)
  if (planOnly < 2 || groupSize - planOnly < 2) {
    const members = { groupSize, planOnly, edited: groupSize - planOnly }
    throw errors.make('DDA_CONFIG_INVALID/group', members, { location: 'train.groupSize' })
  }
  const scopesOf = (edited: boolean): readonly Scope[] => {
    const of = streams.filter(({ scopes }) => scopes.includes('visual') === edited).flatMap(({ scopes }) => scopes)
    return SCOPES.filter((scope) => of.includes(scope))
  }
  return { edited: groupSize - planOnly, asked: { edited: scopesOf(true), planOnly: scopesOf(false) } }
}

/** What a member is asked; in divided groups everything where the checklist has one half alone, which every stream then needs. */
export function askedOf(
  sample: Sample,
  member: number,
  division: GroupDivision | undefined,
): Pick<RolloutRequest, 'asked'> {
  if (division === undefined) return {}
  if (division.edited > 0 && SCOPES.some((scope) => itemsOf(sample.checklist, scope).length === 0)) return {}
  return { asked: member < division.edited ? division.asked.edited : division.asked.planOnly }
}
