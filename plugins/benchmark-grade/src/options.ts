import { JUDGE_OPTIONS } from '@dda-thinker/benchmark-kit'
import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    denominator: Type.Union([Type.Literal('released'), Type.Literal('all')], {
      default: 'released',
      description:
        'What accuracy is divided by: items whose reasoning answer could be used, as in the released script, or all items.',
    }),
    parser: Type.Union([Type.Literal('official'), Type.Literal('strict')], {
      default: 'official',
      description: 'Read answers as the official script does, or refuse what it misreads.',
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

export type GradeOptions = Static<typeof OPTIONS>
