import type { ChecklistItem, JudgeSight, Rollout, Sample } from '@dda-thinker/plugin-api'
import type { RunManifest } from '@dda-thinker/runs'
import type { Sight } from '../wire/view-data.ts'
import { pictureFile } from './column-writer.ts'

/** What the judge of an item was shown; where none was asked, or the record does not tell of it, what every judge is. */
export function sightOf(
  { id, scope }: ChecklistItem,
  { plan, edit, verdicts }: Rollout,
  { instruction, images, reference, referenceImage }: Sample,
  sights: RunManifest['sights'] = {},
): Sight {
  const judge = verdicts.find(({ itemId }) => itemId === id)?.judge
  const sees: readonly JudgeSight[] = judge === undefined ? [] : (sights[judge] ?? [])
  const isVisual = scope === 'visual'
  const hasReference = sees.includes('reference')
  return {
    ...(!isVisual || sees.includes('instruction') ? { instruction } : {}),
    ...(isVisual || plan === undefined ? {} : { plan: plan.executable }),
    ...(isVisual ? { source: images.map(pictureFile) } : {}),
    ...(!isVisual || edit === undefined ? {} : { edit: pictureFile(edit.image) }),
    ...(hasReference && reference !== '' ? { reference } : {}),
    ...(hasReference && referenceImage !== undefined ? { referenceImage: pictureFile(referenceImage) } : {}),
  }
}
