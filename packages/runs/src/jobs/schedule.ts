import { deriveSeed, type Sample } from '@dda-thinker/plugin-api'
import type { RolloutRequest } from '@dda-thinker/core'
import type { SampleSource } from '../data/sample-list.ts'
import { askedOf, type GroupDivision } from './group-division.ts'
import type { Priorities } from './priorities.ts'
import { planSeed, seededPermutation } from './seeds.ts'

export interface ScheduleOptions {
  readonly samplesPerStep: number
  readonly groupSize: number
  /** `curriculum`: the first pass keeps the order of the samples; every other pass is shuffled, as are all of other orders. */
  readonly order: 'curriculum' | 'shuffle' | 'prioritized'
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
  readonly #samples: SampleSource
  readonly #options: ScheduleOptions
  readonly #passes = new Map<number, Uint32Array>()

  constructor(samples: SampleSource, options: ScheduleOptions) {
    this.#samples = samples
    this.#options = options
  }

  /** @param step from 1 */
  async samples(step: number): Promise<readonly Sample[]> {
    const { samplesPerStep } = this.#options
    const first = (step - 1) * samplesPerStep
    return Promise.all(Array.from({ length: samplesPerStep }, (_, slot) => this.#at(first + slot)))
  }

  /**
   * @param first place in the walk over the data, from 0
   * @param priorities say which places no group is drawn from; default: from every one
   */
  draw(step: number, first: number, priorities?: Pick<Priorities, 'passesOver'>): GroupDraw {
    const at = (position: number) => this.#at(position)
    return new GroupDraw(at, this.#options, step, first, priorities)
  }

  #at(position: number): Promise<Sample> {
    const pass = Math.floor(position / this.#samples.length)
    const index = position % this.#samples.length
    return this.#samples.at(this.#pass(pass)?.[index] ?? index)
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

/** The groups of one step, drawn one after the other along the walk over the data. */
export class GroupDraw {
  readonly #at: (position: number) => Promise<Sample>
  readonly #options: ScheduleOptions
  readonly #step: number
  readonly #first: number
  readonly #priorities: Pick<Priorities, 'passesOver'> | undefined
  readonly #seen = new Map<string, number>()
  #position: number

  constructor(
    at: (position: number) => Promise<Sample>,
    options: ScheduleOptions,
    step: number,
    first: number,
    priorities: Pick<Priorities, 'passesOver'> | undefined,
  ) {
    this.#at = at
    this.#options = options
    this.#step = step
    this.#first = first
    this.#priorities = priorities
    this.#position = first
  }

  /** Places of the walk that are behind it: those of groups drawn, and those passed over. */
  get walked(): number {
    return this.#position - this.#first
  }

  /** Requests of the next groups. */
  async next(count: number): Promise<RolloutRequest[]> {
    const samples: Sample[] = []
    while (samples.length < count) samples.push(await this.#take())
    return samples.flatMap((sample) => this.#group(sample))
  }

  async #take(): Promise<Sample> {
    for (;;) {
      const position = this.#position++
      const sample = await this.#at(position)
      if (this.#priorities?.passesOver(sample, position) !== true) return sample
    }
  }

  #group(sample: Sample): RolloutRequest[] {
    const { groupSize, seed, temperature, division } = this.#options
    const step = this.#step
    // A sample may come twice in a step of a small data set: its second group draws other plans.
    const earlier = this.#seen.get(sample.id) ?? 0
    this.#seen.set(sample.id, earlier + 1)
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
  }
}

/**
 * Places of the walk over the data that are behind the steps so far.
 *
 * @param samplesPerStep those of a step whose metrics say nothing of it
 */
export function walkedIn(
  lines: readonly { readonly metrics: Readonly<Record<string, number>> }[],
  samplesPerStep: number,
): number {
  return lines.reduce(
    (sum, { metrics }) => sum + (metrics['groups/walked'] ?? metrics['groups/drawn'] ?? samplesPerStep),
    0,
  )
}
