import type { RolloutDetail, Sample } from '../../wire/view-data.ts'
import type { Found } from './detail-cache.ts'
import { pictureFile } from './picture-file.ts'
import type { RunStore } from './run-store.ts'

/** A picture to be looked at beside others. */
export interface StagePicture {
  readonly label: string
  readonly src: string | undefined
  readonly none?: string
}

/** Source, edit, further sources and reference of a rollout; the first is what the edit was made from. */
export function scenePictures(
  { columns, source }: RunStore,
  { row, rollout }: RolloutDetail,
  sample: Found<Sample>,
): readonly StagePicture[] {
  const edit = columns.pictureOf(row)
  const images = sample?.images ?? []
  const sources = images.map((image, i): StagePicture => ({
    label: images.length === 1 ? 'Source' : `Source ${i + 1}`,
    src: source.picture(pictureFile(image)),
  }))
  const none = rollout.outcome.kind === 'gated' ? 'not edited: the plan failed the gate' : 'no edit was made'
  const [
    first = { label: 'Source', src: undefined, none: sample === null ? 'the data no longer hold it' : '…' },
    ...others
  ] = sources
  const reference = sample?.referenceImage
  return [
    first,
    { label: 'Edit', src: edit === undefined ? undefined : source.picture(edit), none },
    ...others,
    ...(reference === undefined ? [] : [{ label: 'Reference', src: source.picture(pictureFile(reference)) }]),
  ]
}
