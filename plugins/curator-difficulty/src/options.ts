import { Type, type Static } from '@dda-thinker/plugin-api'

/** Options of the curator. Rewards are totals, as the configured reward plugin gives them. */
export const OPTIONS = Type.Object(
  {
    rollouts: Type.Integer({ minimum: 1, default: 8, description: 'Rollouts tried on each sample.' }),
    minMean: Type.Optional(Type.Number({ description: 'Drop samples with a lower mean reward: too hard.' })),
    maxMean: Type.Optional(Type.Number({ description: 'Drop samples with a higher mean reward: too easy.' })),
    minStd: Type.Number({
      minimum: 0,
      default: 0.05,
      description:
        'Drop samples whose rewards spread less: every rollout of a group would have the same advantage, none.',
    }),
    minPassRate: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Drop samples solved by a smaller share of rollouts.' }),
    ),
    maxPassRate: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Drop samples solved by a larger share of rollouts.' }),
    ),
    strata: Type.Union([Type.Literal('subtask'), Type.Literal('category'), Type.Literal('none')], {
      default: 'subtask',
      description: 'What samples are ordered and counted within.',
    }),
    order: Type.Union([Type.Literal('easy-first'), Type.Literal('rising-quantile')], {
      default: 'easy-first',
      description: 'rising-quantile: drawn under a soft limit of difficulty that rises, after DARS.',
    }),
    perStratum: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Keep at most so many of each stratum, spread over its difficulties.' }),
    ),
    window: Type.Integer({ minimum: 1, default: 64, description: 'Samples tried at a time.' }),
  },
  { additionalProperties: false },
)

export type DifficultyOptions = Static<typeof OPTIONS>
