import {
  SCOPES,
  type DecompositionInput,
  type ItemContribution,
  type Reward,
  type RewardStream,
  type RewardDecomposition,
  type Scope,
} from '@dda-thinker/plugin-api'
import { clauseFinder } from './clause-credit.ts'
import { errors } from './errors.ts'
import { withDefaults, type Combine, type DualAtomicInput, type DualAtomicOptions } from './options.ts'
import { judgeScopes, weightOf, type ScopeResult } from './scopes.ts'

/**
 * The dual-atomic reward of DDA-Thinker: a rollout is scored item by item on two checklists, `cognitive` (asked of the
 * plan) and `visual` (asked of the edited image), and for keeping to the plan format. A scope's score S is the weight of
 * its passed items over that of all; where preservation items multiply it is that share among the change items, times
 * ruined + (1 - ruined) · the share among the preservation items. A failed critical item makes it 0. With weights w and C, V, F the
 * cognitive, visual and format scores:
 *
 * | combine | total |
 * |---|---|
 * | `sum` | wc·C + wv·V + wf·F |
 * | `product` | (wc + wv)·C·V + wf·F |
 * | `min` | (wc + wv)·min(C, V) + wf·F |
 * | `gated` | wc·C + wv·V·[C ≥ threshold] + wf·F |
 * | `all-or-nothing` | (wc + wv)·[every item passed] + wf·F |
 *
 * With `gated` the cognitive score opens the gate even at weight 0. A scope of weight 0, or without items in the sample, takes no part in the product, the minimum and the conjunction.
 * A visual weight of 0 needs no edit, so training buys none.
 * The weight of a scope without items goes to the other one, so that all samples have the same range.
 * The total is spread over the passed items in the proportions of `sum`. A rollout without visual verdicts was gated:
 * its visual score counts as 0 and is not among the components.
 * @throws DdaError `DDA_REWARD_WEIGHTS` where neither scope has a weight; its `decompose` throws
 *   `DDA_VERDICT_MISSING`, `DDA_VERDICT_DUPLICATE`, `DDA_VERDICT_UNKNOWN` (masking the rollout) and `DDA_CHECKLIST_EMPTY`.
 */
export function dualAtomic(input: DualAtomicInput = {}): RewardDecomposition {
  const options = withDefaults(input)
  const { cognitive, visual, format } = options.weights
  if (!(cognitive + visual > 0)) {
    throw errors.make('DDA_REWARD_WEIGHTS')
  }
  return {
    fingerprint: `reward-dual-atomic@1 ${JSON.stringify({
      weights: { cognitive, visual, format },
      combine: options.combine,
      ...(options.combine === 'gated' && { threshold: options.threshold }),
      credit: options.credit,
      ...(options.preservation.counts === 'multiplier' && { preservation: options.preservation }),
    })}`,
    // Elsewhere one scope decides what the other is worth, so that their shares are no parts of their own.
    ...(options.combine === 'sum' && { streams: STREAMS }),
    ...(visual === 0 && { needsEdit: false }),
    decompose: (rollout) => decompose(rollout, options),
  }
}

const STREAMS: readonly RewardStream[] = [
  { name: 'cognitive', scopes: ['cognitive'] },
  { name: 'visual', scopes: ['visual'] },
  { name: 'format', scopes: [] },
]

function decompose(
  { plan, checklist, verdicts, asked = SCOPES }: DecompositionInput,
  options: DualAtomicOptions,
): Reward {
  const { weights, combine } = options
  // The visual judge of a gated rollout was never asked; a cognitive one whose answer counts always is.
  const scopes = judgeScopes(
    checklist,
    verdicts,
    asked.includes('cognitive') && (weights.cognitive > 0 || combine === 'gated') ? ['cognitive'] : [],
    options.preservation,
  )
  const counted = countedScopes(scopes, weights)
  const plain = counted.reduce((sum, { weight, result }) => sum + weight * result.score, 0)
  const factor = FACTORS[combine]({ scopes, counted, plain, threshold: options.threshold })

  const contributions = new Map<string, number>()
  for (const { scope, weight, result } of counted) {
    const passed = result.items.filter((judged) => judged.passed && judged.earns)
    const passedWeight = passed.reduce((sum, { item }) => sum + weightOf(item), 0)
    const each = passedWeight > 0 ? (weight * result.score * factor(scope)) / passedWeight : 0
    for (const { item } of passed) contributions.set(item.id, each * weightOf(item))
  }

  const clauseEnd = options.credit === 'clause' ? clauseFinder(plan) : (): undefined => undefined
  const counting = SCOPES.filter((scope) => asked.includes(scope))
  const items = counting
    .flatMap((scope) => scopes[scope].items)
    .map(({ item, passed }): ItemContribution => {
      const creditAt = clauseEnd(item.question)
      const contribution = contributions.get(item.id) ?? 0
      return { itemId: item.id, scope: item.scope, passed, contribution, ...(creditAt !== undefined && { creditAt }) }
    })
  const format = plan.format.ok ? 1 : 0
  const extras = { format: weights.format * format }
  const scores = SCOPES.filter((scope) => scopes[scope].asked).map((scope) => [scope, scopes[scope].score])
  return {
    total: items.reduce((sum, { contribution }) => sum + contribution, 0) + extras.format,
    components: { ...Object.fromEntries(scores), format },
    items,
    extras,
  }
}

interface CountedScope {
  readonly scope: Scope
  readonly weight: number
  readonly result: ScopeResult
}

/** @throws DdaError `DDA_CHECKLIST_EMPTY` where no scope with a weight has items. */
function countedScopes(
  scopes: Readonly<Record<Scope, ScopeResult>>,
  weights: Readonly<Record<Scope, number>>,
): readonly CountedScope[] {
  const counted = SCOPES.filter((scope) => weights[scope] > 0 && scopes[scope].items.length > 0)
  if (counted.length === 0) {
    throw errors.make('DDA_CHECKLIST_EMPTY', {}, { kind: 'bad-input', stage: 'reward' })
  }
  const [only] = counted
  const all = weights.cognitive + weights.visual
  return counted.map((scope) => ({
    scope,
    weight: counted.length === 1 && scope === only ? all : weights[scope],
    result: scopes[scope],
  }))
}

interface Combination {
  readonly scopes: Readonly<Record<Scope, ScopeResult>>
  readonly counted: readonly CountedScope[]
  /** The total of `sum`, without format. */
  readonly plain: number
  readonly threshold: number
}

/** What each scope's share in `sum` is multiplied by. */
const FACTORS: Readonly<Record<Combine, (combination: Combination) => (scope: Scope) => number>> = {
  sum: () => () => 1,
  product: (c) =>
    evenly(
      c,
      c.counted.reduce((product, { result }) => product * result.score, 1),
    ),
  min: (c) => evenly(c, Math.min(...c.counted.map(({ result }) => result.score))),
  gated: ({ scopes, threshold }) => {
    const open = scopes.cognitive.items.length === 0 || scopes.cognitive.score >= threshold
    return (scope) => (scope === 'cognitive' || open ? 1 : 0)
  },
  'all-or-nothing': (c) =>
    evenly(c, c.counted.every(({ result }) => result.items.every(({ passed }) => passed)) ? 1 : 0),
}

/** Scales all shares so that they sum to the joint score times all weight. */
function evenly({ counted, plain }: Combination, joint: number): () => number {
  const weight = counted.reduce((sum, scope) => sum + scope.weight, 0)
  // Nothing to spread means nothing passed, and then every joint score is 0 as well.
  const factor = plain > 0 ? (weight * joint) / plain : 0
  return () => factor
}
