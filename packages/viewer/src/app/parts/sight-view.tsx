import type { Sight } from '../../wire/view-data.ts'
import type { StagePicture } from '../state/scene-pictures.ts'
import type { Source } from '../state/source.ts'
import { PictureStage } from './picture-stage.tsx'
import { ReferenceInWords } from './reference-in-words.tsx'

interface SightViewProps {
  readonly source: Source
  readonly shown: Sight
  readonly mode: string | undefined
  readonly setMode: (mode: string) => void
}

/** What the judge of a question was shown, and nothing else of its rollout. */
export function SightView({ source, shown, mode, setMode }: SightViewProps) {
  const { instruction, plan, reference } = shown
  const pictures = picturesOf(source, shown)
  return (
    <>
      {pictures.length > 0 && <PictureStage pictures={pictures} mode={mode} setMode={setMode} />}
      <section class="told">
        {instruction !== undefined && <p class="instruction">{instruction}</p>}
        {plan !== undefined && <p class="executable">{plan === '' ? 'Nothing that could be executed.' : plan}</p>}
        <ReferenceInWords reference={reference} />
      </section>
    </>
  )
}

/** As a rollout shows them: the first source, the edit, what else there is. */
function picturesOf(from: Source, { source = [], edit, referenceImage }: Sight): readonly StagePicture[] {
  const [first, ...others] = source.map((file, i): StagePicture => ({
    label: source.length === 1 ? 'Source' : `Source ${i + 1}`,
    src: from.picture(file),
  }))
  const reference = referenceImage === undefined ? [] : [{ label: 'Reference', src: from.picture(referenceImage) }]
  if (edit === undefined) return reference
  return [...(first === undefined ? [] : [first]), { label: 'Edit', src: from.picture(edit) }, ...others, ...reference]
}
