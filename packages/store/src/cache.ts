import { basename, join } from 'node:path'
import { canonicalJson, type DdaError } from '@dda-thinker/plugin-api'
import { AppendLog } from './append-log.ts'
import { sha256 } from './canonical.ts'
import { errors } from './errors.ts'
import { errno, fileError, nodeFiles, type Files } from './files.ts'
import { KeyIndex } from './key-index.ts'
import { jsonLine } from './lines.ts'
import { Neighbours } from './neighbours.ts'
import { readSegment, readTail, SegmentReader } from './segment.ts'

export interface ResultCacheOptions {
  /** Serve from the cache alone: a miss is an error. Default false. */
  readonly replay?: boolean
  readonly files?: Files
  /**
   * Other processes fill the cache at the same time, and no two of them make the same result. They have to see each other's appends at once, as on a
   * local disk. Default false: what is made at the same time is made twice.
   */
  readonly shared?: boolean
}

/** How a result came: from the cache, from a call of another caller under way, or from its own call. */
export type Source = 'cached' | 'shared' | 'made'

export interface Cached<T> {
  readonly value: T
  readonly source: Source
}

/**
 * Results of dear calls by content: the key is a hash of everything that goes into the call. Same key, one call (also
 * while it is under way: single-flight); failures are never kept. Persisted as segments of JSON lines,
 * `<dir>/segment-000001.jsonl`, one new segment for each process that writes, so several runs may share a folder.
 */
export class ResultCache {
  readonly replay: boolean
  readonly #dir: string
  readonly #files: Files
  readonly #index = new KeyIndex()
  readonly #readers: SegmentReader[] = []
  readonly #flights = new Map<string, Promise<unknown>>()
  /** Lines of this process that may not have reached the file yet. */
  readonly #fresh = new Map<string, string>()
  #log: AppendLog | undefined
  #opening: Promise<AppendLog> | undefined
  #logSegment = -1
  #loading: Promise<void> | undefined
  readonly #shared: boolean
  /** Of segments by name: their place among the readers, and how far they were read. */
  readonly #known = new Map<string, { readonly segment: number; end: number }>()
  #neighbours: Neighbours | undefined
  #onKept: (key: string) => void = () => undefined

  /** Reads nothing: the keys are read by {@link load}, or when the first result is asked for. */
  constructor(dir: string, options: ResultCacheOptions = {}) {
    this.#dir = dir
    this.#files = options.files ?? nodeFiles
    this.replay = options.replay ?? false
    this.#shared = options.shared ?? false
  }

  /** A cache whose keys are read. @throws as {@link load} */
  static async open(dir: string, options: ResultCacheOptions = {}): Promise<ResultCache> {
    const cache = new ResultCache(dir, options)
    await cache.load()
    return cache
  }

  /**
   * Reads the keys of all segments, once; a torn last line is ignored. For callers that want a folder that cannot be read told at once, and not by
   * the first call.
   *
   * @throws DdaError `DDA_FILE_SYSTEM`
   */
  async load(): Promise<void> {
    this.#loading ??= this.#readKeys()
    await this.#loading
  }

  /** Results kept; 0 before the keys are read. */
  get size(): number {
    return this.#index.size
  }

  /** Bytes of the index in memory. */
  get memory(): number {
    return this.#index.memory
  }

  /** 32 hex digits for everything that goes into a call: names, fingerprints, inputs, every resolved parameter. */
  static key(inputs: unknown): string {
    return sha256(canonicalJson(inputs)).slice(0, 32)
  }

  /**
   * The kept result, or that of the call under way, or that of `make`.
   *
   * @param usable says whether a kept result still holds (its picture is there, say); if not, it is made again.
   * @throws DdaError `DDA_REPLAY_MISS` in replay mode where nothing is kept; whatever `make` throws.
   */
  async resolve<T>(
    key: string,
    make: () => Promise<T>,
    usable: (value: T) => boolean | Promise<boolean> = () => true,
  ): Promise<Cached<T>> {
    const flight = this.#flights.get(key) as Promise<Cached<T>> | undefined
    if (flight !== undefined) return { value: (await flight).value, source: 'shared' }
    const own = this.#lookUpOrMake(key, make, usable)
    this.#flights.set(key, own)
    try {
      return await own
    } finally {
      this.#flights.delete(key)
    }
  }

  /** The kept result, where there is one; for callers that work in batches. */
  async find(key: string): Promise<{ readonly value: unknown } | undefined> {
    return this.#read(key)
  }

  /** Keeps a result; resolves when a killed process could not lose it. */
  async keep(key: string, value: unknown): Promise<void> {
    await this.#keep(key, value)
  }

  /** What a replay says of a call that is not recorded. */
  static miss(key: string): DdaError {
    return errors.make('DDA_REPLAY_MISS', { key })
  }

  /** Waits until all results are with the operating system. */
  async flush(): Promise<void> {
    await this.#log?.flush()
  }

  /** Makes all results survive a power cut. */
  async sync(): Promise<void> {
    await this.#log?.sync()
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) await reader.close()
    try {
      await this.#log?.close()
    } finally {
      await this.#neighbours?.close()
    }
  }

  async #lookUpOrMake<T>(
    key: string,
    make: () => Promise<T>,
    usable: (value: T) => boolean | Promise<boolean>,
  ): Promise<Cached<T>> {
    const find = async (): Promise<Cached<T> | undefined> => {
      const kept = await this.#read(key)
      if (kept === undefined || !(await usable(kept.value as T))) return undefined
      return { value: kept.value as T, source: 'cached' }
    }
    const found = await find()
    if (found !== undefined) return found
    if (this.replay) throw ResultCache.miss(key)
    const makeAndKeep = async (): Promise<Cached<T>> => {
      const value = await make()
      await this.#keep(key, value)
      return { value, source: 'made' }
    }
    if (!this.#shared) return makeAndKeep()
    return (await this.#others()).alone(key, find, makeAndKeep)
  }

  async #others(): Promise<Neighbours> {
    await this.#openLog()
    if (this.#neighbours === undefined) throw new TypeError('the cache is not shared')
    return this.#neighbours
  }

  async #openNeighbours(own: string): Promise<Neighbours> {
    const first = [...this.#known].map(([name, { end }]) => ({ name, isEmpty: end === 0 }))
    const neighbours = await Neighbours.open(this.#dir, own, {
      first,
      isKnown: (name) => this.#known.has(name),
      readOn: (name) => this.#readOn(name),
    })
    this.#onKept = (key) => neighbours.kept(key)
    return neighbours
  }

  async #readKeys(): Promise<void> {
    for (const name of await segmentNames(this.#dir, this.#files)) {
      const { segment, reader } = this.#addReader(name)
      const end = await readSegment(reader.path, (key, offset, length) =>
        this.#index.set(key, { segment, offset, length }),
      )
      this.#known.set(name, { segment, end })
    }
  }

  #addReader(name: string): { readonly segment: number; readonly reader: SegmentReader } {
    const reader = new SegmentReader(join(this.#dir, name))
    return { segment: this.#readers.push(reader) - 1, reader }
  }

  /** Reads what another process added to its segment. */
  #readOn(name: string): void {
    let known = this.#known.get(name)
    if (known === undefined) {
      known = { segment: this.#addReader(name).segment, end: 0 }
      this.#known.set(name, known)
    }
    const { segment } = known
    known.end = readTail(join(this.#dir, name), known.end, (key, offset, length) => {
      this.#index.set(key, { segment, offset, length })
      this.#onKept(key)
    })
  }

  async #read(key: string): Promise<{ value: unknown } | undefined> {
    await this.load()
    const fresh = this.#fresh.get(key)
    if (fresh !== undefined) return parseLine(fresh, key)
    const place = this.#index.get(key)
    if (place === undefined) return undefined
    const text = await this.#readers[place.segment]?.read(place.offset, place.length)
    return text === undefined ? undefined : parseLine(text, key)
  }

  async #keep(key: string, value: unknown): Promise<void> {
    const log = this.#log ?? (await this.#openLog())
    const line = `{"k":"${key}","v":${jsonLine(value)}}`
    const offset = log.append(line)
    this.#fresh.set(key, line)
    this.#index.set(key, { segment: this.#logSegment, offset, length: Buffer.byteLength(line) })
    // The result is handed out only when a killed process could not lose it.
    await log.flush().finally(() => this.#fresh.delete(key))
  }

  #openLog(): Promise<AppendLog> {
    this.#opening ??= this.#createSegment()
    return this.#opening
  }

  async #createSegment(): Promise<AppendLog> {
    await this.load()
    try {
      await this.#files.mkdir(this.#dir, { recursive: true })
      for (let number = this.#readers.length + 1; ; number += 1) {
        const path = join(this.#dir, `segment-${String(number).padStart(6, '0')}.jsonl`)
        try {
          // Exclusive creation: no other process writes here.
          await (await this.#files.open(path, 'wx')).close()
        } catch (error) {
          if (errno(error) === 'EEXIST') continue
          throw error
        }
        const log = await AppendLog.open(path, { files: this.#files })
        this.#logSegment = this.#addReader(basename(path)).segment
        this.#known.set(basename(path), { segment: this.#logSegment, end: 0 })
        // Before the first line: whoever finds lines in it finds out that they become more.
        if (this.#shared) this.#neighbours = await this.#openNeighbours(basename(path))
        this.#log = log
        return log
      }
    } catch (error) {
      this.#opening = undefined
      throw fileError(error, 'write', this.#dir)
    }
  }
}

/** A line that is not what was written (a spoiled disk), or is another key's, counts as absent: the result is made again. */
function parseLine(line: string, key: string): { value: unknown } | undefined {
  try {
    const parsed = JSON.parse(line) as { k?: unknown; v?: unknown }
    return 'v' in parsed && parsed.k === key ? { value: parsed.v } : undefined
  } catch {
    return undefined
  }
}

async function segmentNames(dir: string, files: Files): Promise<string[]> {
  try {
    return (await files.readdir(dir)).filter((name) => /^segment-\d{6,}\.jsonl$/.test(name)).toSorted()
  } catch (error) {
    if (errno(error) === 'ENOENT') return []
    throw fileError(error, 'read', dir)
  }
}
