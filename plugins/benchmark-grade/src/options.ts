import { JUDGED_OPTIONS } from '@dda-thinker/benchmark-kit'
import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    denominator: Type.Union([Type.Literal('released'), Type.Literal('all')], {
      default: 'released',
      description:
        'What accuracy is divided by: items whose reasoning answer could be used, as in the released script, or all items.',
    }),
    ...JUDGED_OPTIONS,
  },
  { additionalProperties: false },
)

export type GradeOptions = Static<typeof OPTIONS>
