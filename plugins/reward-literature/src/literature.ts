import {
  answeredItems,
  type DecompositionInput,
  type ItemContribution,
  type Reward,
  type RewardDecomposition,
} from '@dda-thinker/plugin-api'
import { scoreDimensions, weightOf } from './dimensions.ts'
import { errors } from './errors.ts'
import { RULES, type RuleName } from './rules.ts'
import type { Rule } from './rule.ts'

/**
 * A reward of the literature, as a decomposition of this framework: its dimensions are shares of passed yes/no items where the source
 * has ratings or slots, and what a dimension earns is spread over its passed items in the proportions of their weights.
 * `critical` means nothing here. No rule is a sum of parts that depend on their own half alone, so there are no streams.
 * @throws DdaError its `decompose` throws as `answeredItems`, and `DDA_CHECKLIST_DIMENSION` for a sample that the rule cannot score
 */
export function literatureReward(rule: RuleName): RewardDecomposition {
  return { fingerprint: `reward-literature@1 ${rule}`, decompose: (input) => decompose(input, rule, RULES[rule]) }
}

function decompose({ plan, checklist, verdicts }: DecompositionInput, name: RuleName, rule: Rule): Reward {
  const scopes = answeredItems(checklist, verdicts, ['cognitive'])
  const scores = scoreDimensions(rule.dimensions, scopes)
  if (!rule.needs.some((dimension) => scores.has(dimension))) {
    const holes = { rule: name, sample: plan.sampleId, dimensions: rule.needs.join(' or ') }
    throw errors.make('DDA_CHECKLIST_DIMENSION', holes, { kind: 'bad-input', stage: 'reward', sampleId: plan.sampleId })
  }
  const contributions = new Map<string, number>()
  for (const [dimension, earned] of Object.entries(rule.earn(scores))) {
    const passed = scores.get(dimension)?.items.filter((one) => one.passed) ?? []
    const all = passed.reduce((sum, one) => sum + weightOf(one), 0)
    for (const one of passed) contributions.set(one.item.id, (earned * weightOf(one)) / all)
  }
  const items = checklist.map((item): ItemContribution => {
    const passed = scopes[item.scope].items.some((one) => one.item.id === item.id && one.passed)
    return { itemId: item.id, scope: item.scope, passed, contribution: contributions.get(item.id) ?? 0 }
  })
  const format = plan.format.ok ? 1 : 0
  const extras = rule.format === 0 ? {} : { format: rule.format * format }
  const shares = [...items.map(({ contribution }) => contribution), ...Object.values(extras)]
  return {
    total: shares.reduce((sum, share) => sum + share, 0),
    components: { ...Object.fromEntries([...scores].map(([dimension, { score }]) => [dimension, score])), format },
    items,
    extras,
  }
}
