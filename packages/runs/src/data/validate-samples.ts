import { DigestSet, type ImageRef, picturesOf, type Sample, sampleProblem } from '@dda-thinker/plugin-api'
import { isBroken, openRows } from '@dda-thinker/data-files'
import { isNormalPicture } from '@dda-thinker/pictures'
import type { ContentStore } from '@dda-thinker/store'

/** What may be wrong with a line. Few and fixed, so that they can be counted. */
export const DATA_PROBLEMS = {
  unreadable: 'the line cannot be read',
  invalid: 'it is no sample',
  idTaken: 'its id is that of an earlier line',
  repeated: 'the same pictures and instruction as an earlier line',
  leak: 'a source picture is also in the other split',
  picture: 'a picture is not in the store, or spoiled',
  form: 'a picture is not in normal form (upright, 8-bit sRGB, opaque): import it again',
} as const

export type DataProblem = (typeof DATA_PROBLEMS)[keyof typeof DATA_PROBLEMS]

/** One thing that is wrong with one line. */
export interface ProblemLine {
  /** `file:line`, lines counted from 1. */
  readonly where: string
  readonly reason: DataProblem
  readonly sampleId?: string
  readonly detail?: string
}

export interface DataValidation {
  readonly file: string
  readonly lines: number
  /** Lines with nothing wrong. */
  readonly sound: number
  /** Sound ones without a checklist: they can be planned and edited, and not judged. */
  readonly withoutChecklist: number
  /** Problems by reason. */
  readonly problems: Readonly<Partial<Record<DataProblem, number>>>
}

/**
 * Looks at every line of a file of samples, and at the pictures that it names, and tells all that is wrong. Lines stream; of each only
 * digests are remembered.
 */
export async function validateSamples(
  file: string,
  images: ContentStore,
  onProblem: (line: ProblemLine) => void = () => undefined,
): Promise<DataValidation> {
  const seen = new Seen()
  const problems: Partial<Record<DataProblem, number>> = {}
  let [lines, sound, withoutChecklist] = [0, 0, 0]
  for await (const row of openRows([file])) {
    lines += 1
    const where = `${file}:${row.number}`
    let bad = false
    const tell = (reason: DataProblem, more: { readonly sampleId?: string; readonly detail?: string } = {}): void => {
      bad = true
      problems[reason] = (problems[reason] ?? 0) + 1
      onProblem({ where, reason, ...more })
    }
    if (isBroken(row)) {
      tell(DATA_PROBLEMS.unreadable, { detail: row.problem })
      continue
    }
    const problem = sampleProblem(row.value)
    if (problem !== undefined) {
      const id = row.value['id']
      tell(DATA_PROBLEMS.invalid, { ...(typeof id === 'string' ? { sampleId: id } : {}), detail: problem })
      continue
    }
    const sample = row.value as unknown as Sample
    for (const reason of seen.problems(sample)) tell(reason, { sampleId: sample.id })
    for (const image of picturesOf(sample)) {
      const reason = await pictureProblem(image, images)
      if (reason !== undefined) tell(reason, { sampleId: sample.id, detail: image.hash })
    }
    if (bad) continue
    sound += 1
    if (sample.checklist.length === 0) withoutChecklist += 1
  }
  return { file, lines, sound, withoutChecklist, problems }
}

/** What the earlier lines decide for the later ones. */
class Seen {
  readonly #ids = new DigestSet()
  readonly #tasks = new DigestSet()
  readonly #pictures = { train: new DigestSet(), 'held-out': new DigestSet() }

  problems({ id, images, instruction, split }: Sample): readonly DataProblem[] {
    const found: DataProblem[] = []
    const hashes = images.map(({ hash }) => hash)
    if (!this.#ids.add(id)) found.push(DATA_PROBLEMS.idTaken)
    if (!this.#tasks.add(JSON.stringify([instruction, ...hashes]))) found.push(DATA_PROBLEMS.repeated)
    const other = this.#pictures[split === 'train' ? 'held-out' : 'train']
    // A line that leaks is wrong; the ones behind it are not for its sake.
    if (hashes.some((hash) => other.has(hash))) found.push(DATA_PROBLEMS.leak)
    else for (const hash of hashes) this.#pictures[split].add(hash)
    return found
  }
}

async function pictureProblem(image: ImageRef, images: ContentStore): Promise<DataProblem | undefined> {
  if (!(await images.has(image))) return DATA_PROBLEMS.picture
  // One that an older version stored; servers and decoders do not agree on it.
  return isNormalPicture(await images.get(image)) ? undefined : DATA_PROBLEMS.form
}
