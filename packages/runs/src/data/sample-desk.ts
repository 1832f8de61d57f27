import { isDdaError, type Sample } from '@dda-thinker/plugin-api'
import { AppendLog, canonicalJson, sha256 } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { readSamples } from './data.ts'
import { openData, type SampleList } from './sample-list.ts'
import type { Workspace } from './workspace.ts'

/** Samples kept in memory; the others are read from their file again. */
const KEPT = 4096

/** Finds samples by id: those of the project's data, and those that came with requests, which it writes down. */
export class SampleDesk {
  /** For the manifest of a run. */
  readonly data: { readonly file: string; readonly sha256: string; readonly samples: { readonly length: number } }
  readonly #list: SampleList | undefined
  readonly #places: ReadonlyMap<string, number>
  readonly #file: string
  /** Hashes of the samples that came with requests, by id. */
  readonly #own = new Map<string, { readonly hash: string; readonly sample: Sample }>()
  /** In the order of their last use. */
  readonly #kept = new Map<string, Sample>()
  #log: Promise<AppendLog> | undefined

  private constructor(
    data: SampleDesk['data'],
    list: SampleList | undefined,
    places: ReadonlyMap<string, number>,
    file: string,
  ) {
    this.data = data
    this.#list = list
    this.#places = places
    this.#file = file
  }

  /**
   * Reads the ids of the project's samples once; a project without data has none.
   *
   * @param own file of the samples that came with requests
   * @throws DdaError `DDA_DATA_STALE`, `DDA_DATA_CORRUPT`
   */
  static async open({ paths }: Pick<Workspace, 'paths'>, own: string): Promise<SampleDesk> {
    const places = new Map<string, number>()
    const data = await openData(paths, ({ id }) => places.set(id, places.size).size > 0).catch((error: unknown) => {
      if (isDdaError(error) && error.code === 'DDA_DATA_MISSING') return undefined
      throw error
    })
    const facts = data ?? { file: paths.samples, sha256: sha256(''), samples: [] }
    const desk = new SampleDesk(facts, data?.samples, places, own)
    for await (const sample of readSamples(own)) desk.#own.set(sample.id, { hash: hashOf(sample), sample })
    return desk
  }

  /** Samples of the project's data. */
  get size(): number {
    return this.#places.size
  }

  /** @throws DdaError `DDA_SCORE_SAMPLE_UNKNOWN`, `DDA_DATA_CHANGED` */
  async find(id: string): Promise<Sample> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) {
      this.#keep(kept)
      return kept
    }
    const place = this.#places.get(id)
    const own = this.#own.get(id)?.sample
    if (own !== undefined) return own
    if (place === undefined || this.#list === undefined) throw errors.make('DDA_SCORE_SAMPLE_UNKNOWN', { sample: id })
    const sample = await this.#list.at(place)
    this.#keep(sample)
    return sample
  }

  /**
   * A sample that came with a request. One that is known already, by id and content, is that one.
   *
   * @throws DdaError `DDA_SCORE_SAMPLE_TAKEN`, `DDA_DISK_FULL`
   */
  async admit(sample: Sample): Promise<Sample> {
    const hash = hashOf(sample)
    const known = this.#own.get(sample.id)
    if (known?.hash === hash) return known.sample
    if (known !== undefined || this.#places.has(sample.id))
      throw errors.make('DDA_SCORE_SAMPLE_TAKEN', { sample: sample.id })
    this.#own.set(sample.id, { hash, sample })
    this.#log ??= AppendLog.open(this.#file)
    const log = await this.#log
    log.append(JSON.stringify(sample))
    await log.flush()
    return sample
  }

  async close(): Promise<void> {
    await this.#list?.close()
    await (await this.#log)?.close()
  }

  #keep(sample: Sample): void {
    this.#kept.delete(sample.id)
    this.#kept.set(sample.id, sample)
    if (this.#kept.size <= KEPT) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}

function hashOf(sample: Sample): string {
  return sha256(canonicalJson(sample))
}
