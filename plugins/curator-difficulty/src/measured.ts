import type { Sample } from '@dda-thinker/plugin-api'

/** What the order depends on. The sample itself lies on the shelf, under its ticket. */
export interface Measured {
  readonly id: string
  readonly stratum: string
  readonly ticket: number
  /** Mean reward. */
  readonly mean: number
}

/** What strata are made by. */
export type Strata = 'subtask' | 'category' | 'none'

/** The group of samples that a sample is ordered and counted in. */
export function stratumOf({ category, subtask }: Sample, strata: Strata): string {
  if (strata === 'none') return ''
  return strata === 'category' ? category : `${category}/${subtask ?? ''}`
}

/**
 * Measured samples in columns, 24 bytes each and those of their id: objects and strings would take ten times as much, and they are most of
 * what curation holds of a large data set. A sample is known by its place, from 0, in the order of the data.
 */
export class MeasuredColumns {
  readonly #names = new Map<string, number>()
  #strata = new Uint32Array(1024)
  #tickets = new Float64Array(1024)
  #means = new Float64Array(1024)
  #ids = Buffer.alloc(16 * 1024)
  /** Where the id of a place ends, and the next one begins. */
  #ends = new Uint32Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  add({ id, stratum, ticket, mean }: Measured): void {
    if (this.#size === this.#tickets.length) this.#grow()
    const at = this.#size
    const number = this.#names.get(stratum) ?? this.#names.size
    this.#names.set(stratum, number)
    this.#strata[at] = number
    this.#tickets[at] = ticket
    this.#means[at] = mean
    this.#ends[at] = this.#write(id, this.#ends[at - 1] ?? 0)
    this.#size += 1
  }

  ticket(place: number): number {
    return this.#tickets[place] ?? 0
  }

  id(place: number): string {
    return this.#ids.toString('utf8', this.#ends[place - 1] ?? 0, this.#ends[place])
  }

  /** Places by stratum, in the order of their names; each easy first: higher mean reward, then id. */
  strata(): readonly Uint32Array[] {
    const counts = new Uint32Array(this.#names.size)
    for (let place = 0; place < this.#size; place += 1) {
      const stratum = this.#strata[place] ?? 0
      counts[stratum] = (counts[stratum] ?? 0) + 1
    }
    const members = [...counts].map((count) => new Uint32Array(count))
    counts.fill(0)
    for (let place = 0; place < this.#size; place += 1) {
      const stratum = this.#strata[place] ?? 0
      const next = counts[stratum] ?? 0
      counts[stratum] = next + 1
      const list = members[stratum]
      if (list !== undefined) list[next] = place
    }
    for (const list of members) {
      list.sort((a, b) => (this.#means[b] ?? 0) - (this.#means[a] ?? 0) || this.#compareIds(a, b))
    }
    const byName = [...this.#names].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return byName.flatMap(([, number]) => members[number] ?? [])
  }

  #grow(): void {
    const size = this.#size * 2
    const wider = <T extends Uint32Array | Float64Array>(column: T, made: T): T => {
      made.set(column)
      return made
    }
    this.#strata = wider(this.#strata, new Uint32Array(size))
    this.#tickets = wider(this.#tickets, new Float64Array(size))
    this.#means = wider(this.#means, new Float64Array(size))
    this.#ends = wider(this.#ends, new Uint32Array(size))
  }

  /** Returns where it ends. */
  #write(id: string, from: number): number {
    const end = from + Buffer.byteLength(id)
    if (end > this.#ids.length) {
      const wider = Buffer.alloc(Math.max(end, this.#ids.length * 2))
      this.#ids.copy(wider)
      this.#ids = wider
    }
    this.#ids.write(id, from)
    return end
  }

  #compareIds(a: number, b: number): number {
    const start = (place: number) => this.#ends[place - 1] ?? 0
    return this.#ids.compare(this.#ids, start(b), this.#ends[b], start(a), this.#ends[a])
  }
}
