import { type Sample, sampleProblem } from '@dda-thinker/plugin-api'
import { type Checklists, openChecklists, runFile, type RunInfo } from '@dda-thinker/runs'
import { readLinesWithEnds, StoredLines } from '@dda-thinker/store'

/** Samples that are kept parsed: those of a step are asked for again and again. */
const KEPT = 1024

/** Samples of some files by id; memory holds their ids and places. */
export class SampleFile {
  readonly #lines: StoredLines<Sample>
  readonly #places = new Map<string, number>()

  private constructor(file: string) {
    this.#lines = new StoredLines<Sample>(file)
  }

  /** A file that is not there has none. Lines that cannot be read are passed over: what is shown does not end by them. */
  static async open(file: string): Promise<SampleFile> {
    const found = new SampleFile(file)
    let start = 0
    const options = { onBroken: (_error: unknown, end: number) => void (start = end), check: sampleProblem }
    for await (const { value, end } of readLinesWithEnds<Sample>(file, options)) {
      if (!found.#places.has(value.id)) {
        found.#places.set(value.id, found.#lines.length)
        found.#lines.add(start, end)
      }
      start = end
    }
    return found
  }

  get(id: string): Sample | undefined {
    const place = this.#places.get(id)
    try {
      return place === undefined ? undefined : this.#lines.at(place)
    } catch {
      // Made anew since: the page says that the data no longer hold it.
      return undefined
    }
  }
}

/** The samples of a run, each with the checklist that it was judged by. */
export class SampleCatalogue {
  readonly #files: readonly SampleFile[]
  readonly #checklists: Checklists | undefined
  readonly #kept = new Map<string, Sample | undefined>()

  private constructor(files: readonly SampleFile[], checklists: Checklists | undefined) {
    this.#files = files
    this.#checklists = checklists
  }

  /** What a run brought of its own comes first. @param data of the project, the preferred file first */
  static async of({ dir }: Pick<RunInfo, 'dir'>, data: readonly SampleFile[]): Promise<SampleCatalogue> {
    const own = await SampleFile.open(runFile(dir, 'samples'))
    const checklists = await openChecklists(runFile(dir, 'checklists')).catch(() => undefined)
    return new SampleCatalogue([own, ...data], checklists)
  }

  /** Undefined where the data no longer hold it. */
  get(id: string): Sample | undefined {
    if (this.#kept.has(id)) return this.#kept.get(id)
    const sample = this.#find(id)
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '')
    this.#kept.set(id, sample)
    return sample
  }

  #find(id: string): Sample | undefined {
    for (const file of this.#files) {
      const sample = file.get(id)
      if (sample === undefined) continue
      const checklist = this.#checklists?.get(id)
      return checklist === undefined ? sample : { ...sample, checklist }
    }
    return undefined
  }
}
