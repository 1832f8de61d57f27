import type { FileHandle } from 'node:fs/promises'
import type { Sample } from '@dda-thinker/plugin-api'
import { fileError, LinePlaces, openRegular } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { findData } from './project-samples.ts'
import { readSamplesWithEnds } from './samples-file.ts'
import type { ProjectPaths } from './workspace.ts'

/** Samples by place, from 0. */
export interface SampleSource {
  readonly length: number
  /** @param place below `length` */
  at(place: number): Promise<Sample>
}

/**
 * Some samples of a file. Memory holds where each begins and ends, 12 bytes, and none of what it says. The file stays open, so one that is put
 * in its place changes nothing here; one that is written over is told.
 */
export class SampleList implements SampleSource {
  readonly #file: string
  readonly #handle: FileHandle
  readonly #facts: string
  readonly #places = new LinePlaces()

  private constructor(file: string, handle: FileHandle, facts: string) {
    this.#file = file
    this.#handle = handle
    this.#facts = facts
  }

  /**
   * Reads and checks the whole file once.
   *
   * @param wanted is shown every sample and says whether it is one of these
   * @throws DdaError `DDA_DATA_CORRUPT`, `DDA_DATA_DUPLICATE` with file:line
   */
  static async open(file: string, wanted: (sample: Sample) => boolean): Promise<SampleList> {
    const handle = await guard(file, () => openRegular(file))
    const list = new SampleList(file, handle, await factsOf(file, handle))
    try {
      let start = 0
      for await (const { value, end } of readSamplesWithEnds(file)) {
        if (wanted(value)) list.#places.add(start, end - start)
        start = end
      }
      return list
    } catch (error) {
      await list.close()
      throw error
    }
  }

  get length(): number {
    return this.#places.length
  }

  /** @throws DdaError `DDA_DATA_CHANGED` where the file is not what it was */
  async at(place: number): Promise<Sample> {
    if (!(place >= 0 && place < this.length)) throw new RangeError(`there is no sample at ${place} of ${this.length}`)
    if ((await factsOf(this.#file, this.#handle)) !== this.#facts) {
      throw errors.make('DDA_DATA_CHANGED/samples', { file: this.#file }, { location: this.#file })
    }
    const bytes = Buffer.allocUnsafe(this.#places.size(place))
    await guard(this.#file, () => this.#handle.read(bytes, 0, bytes.length, this.#places.start(place)))
    const text = bytes.toString('utf8')
    // Checked when it was opened. Blank lines before it are part of it, and before the first one a byte order mark.
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as Sample
  }

  /** Never fails. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
  }
}

/** Samples of a project, and the file that they are in. */
export interface OpenData {
  /** The caller closes it. */
  readonly samples: SampleList
  readonly file: string
  readonly sha256: string
}

/**
 * Some samples of a project, for jobs that need a few at a time.
 *
 * @throws DdaError `DDA_DATA_MISSING`, `DDA_DATA_STALE`, and those of {@link SampleList.open}
 */
export async function openData(paths: ProjectPaths, wanted: (sample: Sample) => boolean): Promise<OpenData> {
  const { file, sha256 } = await findData(paths)
  return { samples: await SampleList.open(file, wanted), file, sha256 }
}

/** What changes when a file is written over. */
async function factsOf(file: string, handle: FileHandle): Promise<string> {
  const { size, mtimeMs } = await guard(file, () => handle.stat())
  return `${size} ${mtimeMs}`
}

async function guard<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error, 'read', file)
  }
}
