import { deriveSeed, type Sample } from '@dda-thinker/plugin-api'
import { askedOf, type GroupDivision } from './group-division.ts'
import type { RolloutRequest } from '@dda-thinker/core'
import { planSeed, seededPermutation } from './seeds.ts'

export interface ScheduleOptions {
  readonly samplesPerStep: number
  readonly groupSize: number
  /** `curriculum`: the first pass keeps the order of the samples; every other pass is shuffled. */
  readonly order: 'curriculum' | 'shuffle'
  readonly seed: number
  readonly temperature: number
  /** How the members of a group are divided, where they are. */
  readonly division?: GroupDivision
}

/**
 * Which samples a step trains on. The data is walked pass by pass; the position follows from the step alone, so a resumed
 * run sees what the unbroken one would have seen.
 */
export class Schedule {
  readonly #samples: readonly Sample[]
  readonly #options: ScheduleOptions
  readonly #passes = new Map<number, Uint32Array>()

  constructor(samples: readonly Sample[], options: ScheduleOptions) {
    this.#samples = samples
    this.#options = options
  }

  /** @param step from 1 */
  samples(step: number): readonly Sample[] {
    const { samplesPerStep } = this.#options
    const first = (step - 1) * samplesPerStep
    return Array.from({ length: samplesPerStep }, (_, slot) => this.#at(first + slot))
  }

  requests(step: number): RolloutRequest[] {
    const { groupSize, seed, temperature, division } = this.#options
    const seen = new Map<string, number>()
    return this.samples(step).flatMap((sample) => {
      // A sample may come twice in a step of a small data set: its second group draws other plans.
      const earlier = seen.get(sample.id) ?? 0
      seen.set(sample.id, earlier + 1)
      const group = earlier === 0 ? `${step}/${sample.id}` : `${step}/${sample.id}+${earlier}`
      return Array.from({ length: groupSize }, (_, member) => ({
        ...askedOf(sample, member, division),
        id: `${group}/${member}`,
        sample,
        group,
        member,
        step,
        planSeed: planSeed(seed, step, sample.id, earlier * groupSize + member),
        temperature,
      }))
    })
  }

  #at(position: number): Sample {
    const pass = Math.floor(position / this.#samples.length)
    const index = position % this.#samples.length
    const sample = this.#samples[this.#pass(pass)?.[index] ?? index]
    if (sample === undefined) throw new RangeError('a schedule needs samples')
    return sample
  }

  /** `undefined` for a pass in the given order. */
  #pass(pass: number): Uint32Array | undefined {
    if (pass === 0 && this.#options.order === 'curriculum') return undefined
    let order = this.#passes.get(pass)
    if (order === undefined) {
      order = seededPermutation(this.#samples.length, deriveSeed('pass', this.#options.seed, pass))
      this.#passes.set(pass, order)
      this.#passes.delete(pass - 2)
    }
    return order
  }
}
