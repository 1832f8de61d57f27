import {
  type FailureCounts,
  FailureTally,
  type ItemFailures,
  ItemFailureTally,
  Lookup,
  type SolvedSummary,
  SolvedTally,
} from '@dda-thinker/evaluation'
import { counts, isSolved } from '@dda-thinker/plugin-api'
import { ArmOutcomes } from './arm-outcomes.ts'
import { subjectArm } from './arms.ts'
import type { ReportArm, ReportInput } from './report-input.ts'
import { SampleGroups } from './sample-groups.ts'

/** All that a page says of an arm but for the rollouts that it shows. */
export interface ArmFacts {
  readonly summary: SolvedSummary
  /** Whether plan or picture was at fault. */
  readonly failures: FailureCounts
  /** Of the arm that a report is about; empty for the others. */
  readonly items: readonly ItemFailures[]
  readonly outcomes: ArmOutcomes
}

export interface ReportFacts {
  readonly arms: ReadonlyMap<ReportArm, ArmFacts>
  /** Of samples that have a rollout. */
  readonly groups: SampleGroups
}

const known = new WeakMap<ReportInput, ReportFacts>()

/** What the arms come to. Each rollout is read once for all sections: parsing a million of them takes longer than everything else. */
export function factsOf(input: ReportInput): ReportFacts {
  const found = known.get(input)
  if (found !== undefined) return found
  const groups = new SampleGroups(input.samples.length)
  const facts = { groups, arms: new Map(input.arms.map((arm) => [arm, walk(arm, input, groups)])) }
  known.set(input, facts)
  return facts
}

/** @throws RangeError where the arm is not one of the report's */
export function armFacts(arm: ReportArm, input: ReportInput): ArmFacts {
  const facts = factsOf(input).arms.get(arm)
  if (facts === undefined) throw new RangeError(`There is no arm ${arm.id}.`)
  return facts
}

/** What an arm comes to. */
export function summaryOf(arm: ReportArm, input: ReportInput): SolvedSummary {
  return armFacts(arm, input).summary
}

function walk(arm: ReportArm, input: ReportInput, groups: SampleGroups): ArmFacts {
  const samples = new Lookup(input.samples, ({ id }) => id)
  const [summary, failures, items] = [new SolvedTally(), new FailureTally(), new ItemFailureTally()]
  const outcomes = new ArmOutcomes(arm.rollouts.length)
  const isSubject = arm === subjectArm(input)
  let place = 0
  for (const rollout of arm.rollouts) {
    const { value: sample, place: at } = samples.find(rollout.sampleId) ?? {}
    summary.add(rollout, sample)
    if (sample !== undefined && at !== undefined) {
      outcomes.set(place, at, counts(rollout.outcome) ? isSolved(rollout, sample.checklist) : undefined)
      groups.set(at, sample)
      failures.add(rollout, sample)
      if (isSubject) items.add(rollout, sample)
    }
    place += 1
  }
  return { summary: summary.summary(input.confidence), failures: failures.counts(), items: items.list(), outcomes }
}
