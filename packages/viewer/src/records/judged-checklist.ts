import { attributeFailure } from '@dda-thinker/evaluation'
import { type ChecklistItem, type Rollout, type Sample, SCOPES } from '@dda-thinker/plugin-api'
import { FAULTS } from '../columns/run-columns.ts'

/** The checklist that a rollout was judged by; of a sample that is gone what its verdicts and its reward tell of it. */
export function judgedChecklist({ verdicts, reward }: Rollout, sample: Sample | undefined): readonly ChecklistItem[] {
  if (sample !== undefined) return sample.checklist
  const answers = new Map(verdicts.map(({ itemId, answer }) => [itemId, answer]))
  return (reward?.items ?? []).map(({ itemId, scope, passed }) => ({
    id: itemId,
    scope,
    question: '',
    expected: (answers.get(itemId) === 'yes') === passed ? 'yes' : 'no',
  }))
}

/** Was nothing rewarded, as in benchmarks, which judge by rules of their own? */
export function isUnscored({ outcome, reward }: Pick<Rollout, 'outcome' | 'reward'>): boolean {
  return outcome.kind === 'scored' && reward === undefined
}

/** Where a rollout went wrong, as a place in {@link FAULTS}. */
export function faultOf(rollout: Rollout, checklist: readonly ChecklistItem[]): number {
  if (isUnscored(rollout)) return FAULTS.indexOf('not scored')
  const found = attributeFailure(rollout, { checklist } as Sample)
  if (found.to === 'failed') return FAULTS.indexOf(`${found.stage} failed`)
  // Of a member that was asked for a part nobody knows the rest.
  if (rollout.asked !== undefined && rollout.asked.length < SCOPES.length) return FAULTS.indexOf('not attributed')
  const names = {
    solved: 'solved',
    'plan-wrong': 'plan wrong',
    'image-wrong': 'plan right, image wrong',
    unattributed: 'not attributed',
  } as const
  return FAULTS.indexOf(names[found.to])
}
