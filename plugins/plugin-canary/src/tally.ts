import { CANARY_METRICS, type CanaryCount, canaryMetric, readCanaryMetric } from '@dda-thinker/plugin-api'
import type { Kind } from './canary.ts'

/** How one judge answered one kind of canary. */
export interface Count {
  /** Items answered. */
  readonly asked: number
  /** Items answered yes, where no was right. */
  readonly passed: number
  /** Requests that the judge gave no answer to. */
  readonly failed: number
}

const NOTHING: Count = { asked: 0, passed: 0, failed: 0 }
const FIELDS = Object.keys(NOTHING) as readonly CanaryCount[]

/** Counts by judge and kind. */
export class Tally {
  /** By `<judge>/<kind>`. */
  readonly #counts = new Map<string, Count>()

  add(judge: string, kind: Kind, more: Partial<Count>): void {
    this.#add(`${judge}/${kind}`, more)
  }

  merge(other: Tally): void {
    for (const [key, count] of other.#counts) this.#add(key, count)
  }

  /** Sorted by judge and kind. */
  entries(): readonly (Count & { readonly judge: string; readonly kind: Kind })[] {
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, count]) => {
        const at = key.lastIndexOf('/')
        return { judge: key.slice(0, at), kind: key.slice(at + 1) as Kind, ...count }
      })
  }

  /** `canary/asked|passed|failed/<judge>/<kind>`, and over all of them `canary/pass-rate`, where something was asked. */
  metrics(): Record<string, number> {
    const metrics: Record<string, number> = {}
    let [asked, passed] = [0, 0]
    for (const { judge, kind, ...count } of this.entries()) {
      for (const field of FIELDS) {
        if (field !== 'failed' || count.failed > 0) metrics[canaryMetric(field, judge, kind)] = count[field]
      }
      asked += count.asked
      passed += count.passed
    }
    if (asked > 0) metrics[CANARY_METRICS.passRate] = passed / asked
    return metrics
  }

  /** Reads back what {@link metrics} gave for a step. */
  addMetrics(metrics: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(metrics)) {
      const read = readCanaryMetric(name)
      if (read !== undefined) this.#add(`${read.judge}/${read.kind}`, { [read.what]: value })
    }
  }

  #add(key: string, { asked = 0, passed = 0, failed = 0 }: Partial<Count>): void {
    const before = this.#counts.get(key) ?? NOTHING
    this.#counts.set(key, {
      asked: before.asked + asked,
      passed: before.passed + passed,
      failed: before.failed + failed,
    })
  }
}
