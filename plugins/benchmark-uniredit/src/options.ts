import { JUDGED_OPTIONS } from '@dda-thinker/benchmark-kit'
import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    unusable: Type.Union([Type.Literal('released'), Type.Literal('unsolved')], {
      default: 'released',
      description:
        'An item with an answer that is missing or cannot be read leaves the mean of accuracy, as in the released script, or ' +
        'counts as not solved, as RISE-Bench has it.',
    }),
    ...JUDGED_OPTIONS,
  },
  { additionalProperties: false },
)

export type UnireditOptions = Static<typeof OPTIONS>
