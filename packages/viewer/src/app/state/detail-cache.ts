import { useEffect, useState } from 'preact/hooks'
import type { RolloutDetail, Sample } from '../../wire/view-data.ts'
import type { Source } from './source.ts'
import { untilAnswered } from './until-answered.ts'

/** Entries that are kept; older ones are asked for again. */
const KEPT = 1500
/** Of one question. */
const AT_ONCE = 64

/** What has not come yet is undefined; `null` is the answer that there is no such thing. */
export type Found<T> = T | null | undefined

interface Waiting<T> {
  readonly resolve: (value: T | null) => void
  readonly reject: (error: unknown) => void
}

/** What was asked for in one go is asked for in one question, and kept. */
class Batches<T> {
  readonly #ask: (keys: readonly number[]) => Promise<readonly (T | null)[]>
  readonly #kept = new Map<number, T | null>()
  /** Kept entries that may have changed: shown until the new ones are there. */
  readonly #old = new Set<number>()
  #waiting = new Map<number, Waiting<T>[]>()

  constructor(ask: (keys: readonly number[]) => Promise<readonly (T | null)[]>) {
    this.#ask = ask
  }

  peek(key: number): Found<T> {
    return this.#kept.get(key)
  }

  isCurrent(key: number): boolean {
    return this.#kept.has(key) && !this.#old.has(key)
  }

  clear(): void {
    this.#kept.clear()
    this.#old.clear()
  }

  /** What these keys have is asked for again, and what there was not. */
  renew(changed: (key: number) => boolean): void {
    for (const [key, value] of this.#kept) if (value === null || changed(key)) this.#old.add(key)
  }

  get(key: number): Promise<T | null> {
    if (this.isCurrent(key)) return Promise.resolve(this.#kept.get(key) ?? null)
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) queueMicrotask(() => void this.#flush())
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), { resolve, reject }])
    })
  }

  async #flush(): Promise<void> {
    const wanted = [...this.#waiting]
    this.#waiting = new Map()
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const part = wanted.slice(at, at + AT_ONCE)
      try {
        const found = await this.#ask(part.map(([key]) => key))
        part.forEach(([key, waiting], i) => {
          const value = found[i] ?? null
          this.#kept.set(key, value)
          this.#old.delete(key)
          for (const { resolve } of waiting) resolve(value)
        })
      } catch (error) {
        for (const [, waiting] of part) for (const { reject } of waiting) reject(error)
      }
    }
    while (this.#kept.size > KEPT) this.#forget(this.#kept.keys().next().value ?? 0)
  }

  #forget(key: number): void {
    this.#kept.delete(key)
    this.#old.delete(key)
  }
}

/** Rollouts and samples in full, as far as somebody looked at them. */
export class DetailCache {
  readonly rollouts: Batches<RolloutDetail>
  /** By place among the sample facts. */
  readonly samples: Batches<Sample>
  /** Grows where something that is kept is asked for again. */
  epoch = 0
  /** Why something that is shown has no answer. */
  problem: string | undefined
  readonly #changed: () => void

  /** @param changed told when there is a problem, and when there is none any more */
  constructor(source: Source, run: string, changed: () => void) {
    this.rollouts = new Batches((rows) => source.rollouts(run, rows))
    this.samples = new Batches((places) => source.samples(run, places))
    this.#changed = changed
  }

  clear(): void {
    this.epoch += 1
    this.rollouts.clear()
    this.samples.clear()
  }

  /** The record grew: what was not there may be, and what is told of these rows may be another. */
  renew(changed: (row: number) => boolean): void {
    this.epoch += 1
    this.rollouts.renew(changed)
    this.samples.renew(() => false)
  }

  say(problem: string | undefined): void {
    if (this.problem === problem) return
    this.problem = problem
    this.#changed()
  }
}

/** Rollouts in full, in the order of the rows. */
export function useRollouts(details: DetailCache, rows: readonly number[]): readonly Found<RolloutDetail>[] {
  return useBatch(details, details.rollouts, rows)
}

/** The same of samples. */
export function useSamples(details: DetailCache, places: readonly number[]): readonly Found<Sample>[] {
  return useBatch(details, details.samples, places)
}

function useBatch<T>(details: DetailCache, batch: Batches<T>, keys: readonly number[]): readonly Found<T>[] {
  const [, setCount] = useState(0)
  useEffect(() => {
    const missing = keys.filter((key) => !batch.isCurrent(key))
    if (missing.length === 0) return undefined
    return untilAnswered(() => Promise.all(missing.map((key) => batch.get(key))), {
      onAnswer: () => {
        details.say(undefined)
        setCount((count) => count + 1)
      },
      onProblem: (message) => details.say(message),
    })
  }, [batch, keys.join(','), details.epoch])
  return keys.map((key) => batch.peek(key))
}
