import type { Json } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { insidePath } from './inside-path.ts'

/** One entry of a benchmark's official data, read key by key; every complaint names its place. */
export class DataEntry {
  readonly entry: Readonly<Record<string, Json>>
  readonly #where: string

  /** @throws DdaError `DDA_BENCHMARK_DATA` where it is no object */
  constructor(value: unknown, where: string) {
    this.#where = where
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw errors.make('DDA_BENCHMARK_DATA/entry', { where })
    }
    this.entry = value as Record<string, Json>
  }

  /** Text under a key; `undefined` where it is absent or null. @throws DdaError `DDA_BENCHMARK_DATA` */
  text(key: string): string | undefined {
    const found = this.entry[key]
    if (found === undefined || found === null) return undefined
    if (typeof found === 'string') return found
    throw errors.make('DDA_BENCHMARK_DATA/text', { where: this.#where, key })
  }

  /** Text that must be there. @throws DdaError `DDA_BENCHMARK_DATA` */
  need(key: string): string {
    const found = this.text(key)
    if (found === undefined || found === '') throw errors.make('DDA_BENCHMARK_DATA/key', { where: this.#where, key })
    return found
  }

  /** A path of its own, that cannot leave the folder of the data. @throws DdaError `DDA_BENCHMARK_DATA` */
  path(path: string): string {
    return insidePath(path, this.#where)
  }
}
