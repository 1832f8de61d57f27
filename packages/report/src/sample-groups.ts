import { subtaskOf } from '@dda-thinker/evaluation'
import type { Sample } from '@dda-thinker/plugin-api'

/** What a sample is counted under. */
export interface SampleGroup {
  readonly category: string
  /** With its category, as tables name it. */
  readonly subtask: string
}

/** Categories and sub-tasks of samples, by their place: 4 bytes of each. */
export class SampleGroups {
  readonly #groups: SampleGroup[] = []
  readonly #numbers = new Map<string, number>()
  /** From 1; 0 where it was not told. */
  readonly #of: Uint32Array

  /** @param length how many samples there are */
  constructor(length: number) {
    this.#of = new Uint32Array(length)
  }

  set(place: number, sample: Sample): void {
    if (this.#of[place] !== 0) return
    const group = { category: sample.category, subtask: subtaskOf(sample) }
    const key = JSON.stringify([group.category, group.subtask])
    const number = this.#numbers.get(key) ?? this.#groups.push(group)
    this.#numbers.set(key, number)
    this.#of[place] = number
  }

  /** Undefined where it was not told. */
  get(place: number): SampleGroup | undefined {
    return this.#groups[(this.#of[place] ?? 0) - 1]
  }
}
