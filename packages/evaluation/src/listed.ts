/** Values in an order, of which not all need to be in memory: an array, or a file that is read as it is gone through. */
export interface Listed<T> extends Iterable<T> {
  readonly length: number
  at(place: number): T | undefined
}

/** A value and where it stands, from 0. */
export interface Placed<T> {
  readonly value: T
  readonly place: number
}

/** Nearer than this, values between are passed over rather than looked up. */
const NEAR = 256
/** Values that were looked up and are kept: the members of a group ask for the same sample, with those of others in between. */
const KEPT = 256

/**
 * Finds values by key. Asked in the order in which they stand, as two records of the same samples are, it goes along with the list; only
 * for another order it keeps where each key is, and the last values.
 */
export class Lookup<T, Key = string> {
  readonly #list: Listed<T>
  readonly #keyOf: (value: T) => Key
  readonly #values: Iterator<T>
  /** By place, the oldest first. */
  readonly #kept = new Map<number, T>()
  #ahead: Placed<T> | undefined
  #places: ReadonlyMap<Key, number> | undefined

  constructor(list: Listed<T>, keyOf: (value: T) => Key) {
    this.#list = list
    this.#keyOf = keyOf
    this.#values = list[Symbol.iterator]()
    this.#advance()
  }

  get(key: Key): T | undefined {
    return this.find(key)?.value
  }

  find(key: Key): Placed<T> | undefined {
    const { value, place = this.#list.length } = this.#ahead ?? {}
    if (value !== undefined && this.#keyOf(value) === key) return this.#take()
    this.#places ??= placesOf(this.#list, this.#keyOf)
    const wanted = this.#places.get(key)
    if (wanted === undefined) return undefined
    if (wanted > place && wanted - place < NEAR) {
      while (this.#ahead !== undefined && this.#ahead.place < wanted) this.#advance()
      return this.#take()
    }
    const found = this.#at(wanted)
    return found === undefined ? undefined : { value: found, place: wanted }
  }

  #at(place: number): T | undefined {
    const kept = this.#kept.get(place)
    if (kept !== undefined) return kept
    const found = this.#list.at(place)
    if (found === undefined) return undefined
    const [oldest] = this.#kept.keys()
    if (this.#kept.size === KEPT && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(place, found)
    return found
  }

  #take(): Placed<T> | undefined {
    const found = this.#ahead
    this.#advance()
    return found
  }

  #advance(): void {
    const place = (this.#ahead?.place ?? -1) + 1
    const { value, done } = this.#values.next()
    this.#ahead = done === true ? undefined : { value, place }
  }
}

function placesOf<T, Key>(list: Listed<T>, keyOf: (value: T) => Key): ReadonlyMap<Key, number> {
  const places = new Map<Key, number>()
  let place = 0
  for (const value of list) places.set(keyOf(value), place++)
  return places
}
