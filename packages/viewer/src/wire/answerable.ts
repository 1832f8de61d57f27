import type { ChecklistItem, Rollout } from '@dda-thinker/plugin-api'

/** Items that a person can answer: what they ask about, a plan or an edit, is there to be looked at. */
export function answerable(
  checklist: readonly ChecklistItem[],
  { plan, edit }: Pick<Rollout, 'plan' | 'edit'>,
): readonly ChecklistItem[] {
  return checklist.filter(({ scope }) => (scope === 'cognitive' ? plan : edit) !== undefined)
}
