import { JUDGED_OPTIONS } from '@dda-thinker/benchmark-kit'
import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    mean: Type.Union([Type.Literal('pooled'), Type.Literal('per-sample')], {
      default: 'pooled',
      description:
        'Mean of all scores of a group together, as the official summaries have it, or of the means of its items, as lmms-eval has it.',
    }),
    ...JUDGED_OPTIONS,
  },
  { additionalProperties: false },
)

export type KrisOptions = Static<typeof OPTIONS>
