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

/**
 * Finds values by key. Asked in the order in which they stand, as two records of the same samples are, it goes along with the list; only
 * for another order it keeps where each key is.
 */
export class Lookup<T> {
  readonly #list: Listed<T>
  readonly #keyOf: (value: T) => string
  readonly #values: Iterator<T>
  #ahead: Placed<T> | undefined
  #places: ReadonlyMap<string, number> | undefined

  constructor(list: Listed<T>, keyOf: (value: T) => string) {
    this.#list = list
    this.#keyOf = keyOf
    this.#values = list[Symbol.iterator]()
    this.#advance()
  }

  get(key: string): T | undefined {
    return this.find(key)?.value
  }

  find(key: string): Placed<T> | undefined {
    const { value, place = this.#list.length } = this.#ahead ?? {}
    if (value !== undefined && this.#keyOf(value) === key) return this.#take()
    this.#places ??= placesOf(this.#list, this.#keyOf)
    const wanted = this.#places.get(key)
    if (wanted === undefined) return undefined
    if (wanted > place && wanted - place < NEAR) {
      while (this.#ahead !== undefined && this.#ahead.place < wanted) this.#advance()
      return this.#take()
    }
    const found = this.#list.at(wanted)
    return found === undefined ? undefined : { value: found, place: wanted }
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

function placesOf<T>(list: Listed<T>, keyOf: (value: T) => string): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  let place = 0
  for (const value of list) places.set(keyOf(value), place++)
  return places
}
