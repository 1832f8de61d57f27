import { useEffect, useState } from 'preact/hooks'
import type { RolloutDetail, Sample } from '../../wire/view-data.ts'
import type { Source } from './source.ts'

/** Entries that are kept; older ones are asked for again. */
const KEPT = 1500
/** Of one question. */
const AT_ONCE = 64

/** What was asked for in one go is asked for in one question, and kept. */
class Batches<T> {
  readonly #ask: (keys: readonly number[]) => Promise<ReadonlyMap<number, T>>
  readonly #kept = new Map<number, T>()
  readonly #waiting = new Map<number, ((value: T | undefined) => void)[]>()

  constructor(ask: (keys: readonly number[]) => Promise<ReadonlyMap<number, T>>) {
    this.#ask = ask
  }

  peek(key: number): T | undefined {
    return this.#kept.get(key)
  }

  clear(): void {
    this.#kept.clear()
  }

  get(key: number): Promise<T | undefined> {
    const known = this.#kept.get(key)
    if (known !== undefined) return Promise.resolve(known)
    return new Promise((resolve) => {
      const others = this.#waiting.get(key)
      if (others !== undefined) {
        others.push(resolve)
        return
      }
      if (this.#waiting.size === 0) queueMicrotask(() => void this.#flush())
      this.#waiting.set(key, [resolve])
    })
  }

  async #flush(): Promise<void> {
    const wanted = [...this.#waiting]
    this.#waiting.clear()
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const part = wanted.slice(at, at + AT_ONCE)
      const found = await this.#ask(part.map(([key]) => key)).catch(() => new Map<number, T>())
      for (const [key, resolves] of part) {
        const value = found.get(key)
        if (value !== undefined) this.#kept.set(key, value)
        for (const resolve of resolves) resolve(value)
      }
    }
    while (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value ?? 0)
  }
}

/** Rollouts and samples in full, as far as somebody looked at them. */
export class DetailCache {
  readonly rollouts: Batches<RolloutDetail>
  /** By place among the sample facts. */
  readonly samples: Batches<Sample>

  constructor(source: Source, run: string) {
    this.rollouts = new Batches(async (rows) => {
      return new Map((await source.rollouts(run, rows)).map((detail) => [detail.row, detail]))
    })
    this.samples = new Batches(async (places) => {
      const found = await source.samples(run, places)
      return new Map(
        places.flatMap((place, i) => {
          const sample = found[i] ?? undefined
          return sample === undefined ? [] : [[place, sample] as const]
        }),
      )
    })
  }

  clear(): void {
    this.rollouts.clear()
    this.samples.clear()
  }
}

/** Rollouts in full, in the order of the rows; those that have not come yet are undefined. */
export function useRollouts(details: DetailCache, rows: readonly number[]): readonly (RolloutDetail | undefined)[] {
  return useBatch(details.rollouts, rows)
}

/** The same of samples. */
export function useSamples(details: DetailCache, places: readonly number[]): readonly (Sample | undefined)[] {
  return useBatch(details.samples, places)
}

function useBatch<T>(batch: Batches<T>, keys: readonly number[]): readonly (T | undefined)[] {
  const [, setCount] = useState(0)
  useEffect(() => {
    let isShown = true
    const missing = keys.filter((key) => batch.peek(key) === undefined)
    void Promise.all(missing.map((key) => batch.get(key))).then(() => {
      if (isShown && missing.length > 0) setCount((count) => count + 1)
    })
    return () => {
      isShown = false
    }
  }, [batch, keys.join(',')])
  return keys.map((key) => batch.peek(key))
}
