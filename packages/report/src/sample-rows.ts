import { Lookup } from '@dda-thinker/evaluation'
import type { Rollout, Sample } from '@dda-thinker/plugin-api'
import { armFacts, factsOf } from './arm-facts.ts'
import type { ReportArm, ReportInput } from './report-input.ts'
import type { SampleGroup } from './sample-groups.ts'

/** One arm's rollout of one sample. */
export interface ArmRollout {
  readonly arm: ReportArm
  readonly rollout: Rollout
  readonly solved: boolean
}

/** A sample with what each arm made of it. */
export interface SampleRow {
  readonly sample: Sample
  readonly by: ReadonlyMap<string, ArmRollout>
}

/** What arms made of a sample, in a few numbers: where its rollouts stand in their arms, masked ones left out, and whether they solved it. */
export interface RowPlace extends SampleGroup {
  /** Of the sample. */
  readonly place: number
  readonly by: readonly (Pick<ArmRollout, 'arm' | 'solved'> & { readonly place: number })[]
}

/** Rows of some arms in the order of the samples; those that none of them has a rollout of are left out. */
export function* rowPlaces(input: ReportInput, arms: readonly ReportArm[]): Generator<RowPlace, void, void> {
  const { groups } = factsOf(input)
  const lookups = arms.map((arm) => {
    const { outcomes } = armFacts(arm, input)
    return { arm, outcomes, lookup: new Lookup(outcomes.samples, (sample) => sample) }
  })
  for (let place = 0; place < input.samples.length; place += 1) {
    const by = lookups.flatMap(({ arm, outcomes, lookup }) => {
      const found = lookup.find(place)
      const solved = found === undefined ? undefined : outcomes.solved(found.place)
      return found === undefined || solved === undefined ? [] : [{ arm, place: found.place, solved }]
    })
    const group = groups.get(place)
    if (by.length > 0 && group !== undefined) yield { place, ...group, by }
  }
}

/** The sample and the rollouts themselves. */
export function sampleRow(input: ReportInput, { place, by }: RowPlace): SampleRow {
  const sample = input.samples.at(place)
  if (sample === undefined) throw new RangeError(`there is no sample at ${place}`)
  const rollouts = by.flatMap(({ arm, place: at, solved }) => {
    const rollout = arm.rollouts.at(at)
    return rollout === undefined ? [] : [[arm.id, { arm, rollout, solved }] as const]
  })
  return { sample, by: new Map(rollouts) }
}
