import { canonicalJson, isDdaError, type Sample } from '@dda-thinker/plugin-api'
import { AppendLog, jsonLine, KeyIndex, LineIndex, sha256, StoredLines } from '@dda-thinker/store'
import { LRUCache } from 'lru-cache'
import { errors } from '../errors.ts'
import { readSamplesWithEnds } from './samples-file.ts'
import { openData, type SampleList } from './sample-list.ts'
import type { Workspace } from './workspace.ts'

/** Samples kept in memory; the others are read from their file again. */
const KEPT = 4096

interface Kept {
  readonly sample: Sample
  /** Of one that came with a request. */
  readonly hash?: string
}

/**
 * Finds samples by id: those of the project's data, and those that came with requests, which it writes down. Memory holds about 40 bytes of each, and
 * some whole.
 */
export class SampleDesk {
  /** For the manifest of a run. */
  readonly data: { readonly file: string; readonly sha256: string; readonly samples: { readonly length: number } }
  readonly #list: SampleList | undefined
  /** Of the project's samples: their places by the digest of their id. */
  readonly #places: KeyIndex
  readonly #file: string
  /** Samples that came with requests. */
  readonly #own: StoredLines<Sample>
  readonly #ownIds: LineIndex<Sample>
  readonly #kept = new LRUCache<string, Kept>({ max: KEPT })
  #log: Promise<AppendLog> | undefined

  private constructor(data: SampleDesk['data'], list: SampleList | undefined, places: KeyIndex, file: string) {
    this.data = data
    this.#list = list
    this.#places = places
    this.#file = file
    this.#own = new StoredLines(file)
    this.#ownIds = new LineIndex(this.#own, ({ id }) => id)
  }

  /**
   * Reads the ids of the project's samples once; a project without data has none.
   *
   * @param own file of the samples that came with requests
   * @throws DdaError `DDA_DATA_STALE`, `DDA_DATA_CORRUPT`
   */
  static async open({ paths }: Pick<Workspace, 'paths'>, own: string): Promise<SampleDesk> {
    const places = new KeyIndex()
    const note = ({ id }: Sample): boolean => {
      places.set(sha256(id), { segment: 0, offset: places.size, length: 0 })
      return true
    }
    const data = await openData(paths, note).catch((error: unknown) => {
      if (isDdaError(error) && error.code === 'DDA_DATA_MISSING') return undefined
      throw error
    })
    const facts = data ?? { file: paths.samples, sha256: sha256(''), samples: [] }
    const desk = new SampleDesk(facts, data?.samples, places, own)
    let start = 0
    for await (const { value, end } of readSamplesWithEnds(own)) {
      desk.#addOwn(value.id, start, end)
      start = end
    }
    return desk
  }

  /** Samples of the project's data. */
  get size(): number {
    return this.data.samples.length
  }

  /** @throws DdaError `DDA_SCORE_SAMPLE_UNKNOWN`, `DDA_DATA_CHANGED` */
  async find(id: string): Promise<Sample> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) return kept.sample
    const sample = this.#ownIds.get(id) ?? (await this.#ofData(id))
    if (sample === undefined) throw errors.make('DDA_SCORE_SAMPLE_UNKNOWN', { sample: id })
    this.#kept.set(id, { sample })
    return sample
  }

  /**
   * A sample that came with a request. One that is known already, by id and content, is that one.
   *
   * @throws DdaError `DDA_SCORE_SAMPLE_TAKEN`, `DDA_DISK_FULL`
   */
  async admit(given: Sample): Promise<Sample> {
    const { id } = given
    const log = await (this.#log ??= AppendLog.open(this.#file))
    // As it is read again: what is written holds no secret.
    const line = jsonLine(given)
    const sample = JSON.parse(line) as Sample
    const hash = hashOf(sample)
    const kept = this.#kept.get(id)
    const known = kept?.hash ?? this.#ownHash(id)
    if (known === hash) {
      this.#kept.set(id, { sample, hash })
      return sample
    }
    if (known !== undefined || (await this.#ofData(id)) !== undefined)
      throw errors.make('DDA_SCORE_SAMPLE_TAKEN', { sample: id })
    // Another request may have brought it meanwhile.
    if (this.#kept.get(id)?.hash !== undefined) return this.admit(given)
    const start = log.append(line)
    this.#addOwn(id, start, log.size)
    this.#kept.set(id, { sample, hash })
    await log.flush()
    return sample
  }

  async close(): Promise<void> {
    await this.#list?.close()
    await (await this.#log)?.close()
  }

  #addOwn(id: string, start: number, end: number): void {
    this.#ownIds.add(id, this.#own.length)
    this.#own.add(start, end)
  }

  #ownHash(id: string): string | undefined {
    const sample = this.#ownIds.get(id)
    return sample === undefined ? undefined : hashOf(sample)
  }

  async #ofData(id: string): Promise<Sample | undefined> {
    const place = this.#places.get(sha256(id))
    const sample = place === undefined ? undefined : await this.#list?.at(place.offset)
    // Digests of two ids begin alike, once in 10^7 data sets of 10^6.
    return sample?.id === id ? sample : undefined
  }
}

function hashOf(sample: Sample): string {
  return sha256(canonicalJson(sample))
}
