import { JUDGE_OPTIONS } from '@dda-thinker/benchmark-kit'
import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    mean: Type.Union([Type.Literal('pooled'), Type.Literal('per-sample')], {
      default: 'pooled',
      description:
        'Mean of all scores of a group together, as the official summaries have it, or of the means of its items, as lmms-eval has it.',
    }),
    parser: Type.Union([Type.Literal('official'), Type.Literal('strict')], {
      default: 'official',
      description: 'Read answers as the official scripts do, or refuse what they misread.',
    }),
    prompts: Type.Optional(
      Type.String({
        description: 'Folder of prompts to use in place of ours, each named like the one that it replaces.',
      }),
    ),
    judge: Type.Optional(JUDGE_OPTIONS),
  },
  { additionalProperties: false },
)

export type KrisOptions = Static<typeof OPTIONS>
