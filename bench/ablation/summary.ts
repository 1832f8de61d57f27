import { type PairedDifference, mean, pairedDifference } from '@dda-thinker/evaluation'
import type { Cell, Outcomes } from './cells.ts'
import { HALF_EDITED, REFERENCE } from './plan.ts'

/** One reward in one world under one budget, over its seeds. */
export interface ArmResult {
  readonly arm: string
  readonly steps: number
  readonly seeds: readonly number[]
  /** Held-out tasks solved, by seed. */
  readonly solved: readonly number[]
  /** Held-out items passed, by seed. */
  readonly passed: readonly number[]
  readonly editorCalls: number
  /** Beside the reference, over the samples of the seeds that both have; absent for the reference itself. */
  readonly difference?: Readonly<Record<Measure, Difference>>
}

export type Measure = 'solved' | 'passed'

export interface Difference extends PairedDifference {
  /** By seed. */
  readonly bySeed: readonly number[]
  readonly verdict: 'better' | 'worse' | 'no difference shown'
}

export interface WorldResult {
  readonly world: string
  readonly budget: 'equal rollouts' | 'equal Editor calls'
  readonly base: { readonly solved: number; readonly passed: number }
  /** Held-out samples of one seed. */
  readonly samples: number
  readonly arms: readonly ArmResult[]
}

/** Every world under every budget of which at least the reference was measured. */
export function worldResults(cells: readonly Cell[], steps: number): readonly WorldResult[] {
  const worlds = [...new Set(cells.map(({ world }) => world))]
  return worlds.flatMap((world) =>
    (['equal rollouts', 'equal Editor calls'] as const).flatMap((budget) => {
      const stepsOf = (arm: string): number =>
        budget === 'equal Editor calls' && HALF_EDITED.has(arm) ? 2 * steps : steps
      const own = cells.filter((cell) => cell.world === world && cell.steps === stepsOf(cell.arm))
      const reference = own.filter(({ arm }) => arm === REFERENCE)
      const [first] = reference
      if (first === undefined) return []
      // A second table only where it says something that the first does not.
      if (budget === 'equal Editor calls' && !own.some(({ arm }) => HALF_EDITED.has(arm))) return []
      const arms = [...new Set(own.map(({ arm }) => arm))].map((arm) =>
        armResult(
          own.filter((cell) => cell.arm === arm),
          reference,
        ),
      )
      const bases = reference.map(({ base }) => base)
      const base = {
        solved: mean(bases.flatMap((one) => one.solved)),
        passed: mean(bases.flatMap((one) => one.passed)),
      }
      return [{ world, budget, base, samples: first.trained.samples.length, arms }]
    }),
  )
}

function armResult(cells: readonly Cell[], reference: readonly Cell[]): ArmResult {
  const [first] = cells
  if (first === undefined) throw new RangeError('an arm without cells')
  const result = {
    arm: first.arm,
    steps: first.steps,
    seeds: cells.map(({ seed }) => seed),
    solved: cells.map(({ trained }) => mean(trained.solved)),
    passed: cells.map(({ trained }) => mean(trained.passed)),
    editorCalls: mean(cells.map(({ editorCalls }) => editorCalls)),
  }
  if (first.arm === REFERENCE) return result
  const pairs = cells.flatMap((cell) => {
    const other = reference.find(({ seed }) => seed === cell.seed)
    return other === undefined ? [] : [{ own: cell.trained, other: other.trained }]
  })
  if (pairs.length === 0) return result
  return { ...result, difference: { solved: differenceOf(pairs, 'solved'), passed: differenceOf(pairs, 'passed') } }
}

/**
 * A difference counts as shown where the 95 % interval over pairs of samples leaves out 0 and every seed, of which there are at least
 * two, says the same: samples of one seed share a policy, so their interval alone would be too narrow.
 */
function differenceOf(pairs: readonly { own: Outcomes; other: Outcomes }[], measure: Measure): Difference {
  const paired = pairs.map(({ own, other }) => pairUp(own, other, measure))
  const all = pairedDifference(
    paired.flatMap(({ other }) => other),
    paired.flatMap(({ own }) => own),
  )
  const bySeed = paired.map(({ own, other }) => mean(own) - mean(other))
  const sign = Math.sign(all.value ?? 0)
  const apart = (all.low ?? 0) > 0 || (all.high ?? 0) < 0
  const agreed = bySeed.length >= 2 && bySeed.every((difference) => Math.sign(difference) === sign)
  const verdict = !apart || !agreed ? 'no difference shown' : sign > 0 ? 'better' : 'worse'
  return { ...all, bySeed, verdict }
}

/** Values of the samples that counted in both. */
function pairUp(own: Outcomes, other: Outcomes, measure: Measure): { own: number[]; other: number[] } {
  const values = new Map(other.samples.map((id, i) => [id, other[measure][i]]))
  const result: { own: number[]; other: number[] } = { own: [], other: [] }
  own.samples.forEach((id, i) => {
    const [a, b] = [own[measure][i], values.get(id)]
    if (a === undefined || b === undefined) return
    result.own.push(a)
    result.other.push(b)
  })
  return result
}
