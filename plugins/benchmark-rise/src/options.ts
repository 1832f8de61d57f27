import { JUDGED_OPTIONS } from '@dda-thinker/benchmark-kit'
import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    rules: Type.Union([Type.Literal('released-2026-04'), Type.Literal('before-2026-04')], {
      default: 'released-2026-04',
      description: 'Version of the accuracy rule. Before April 2026 items that are free of consistency needed it too.',
    }),
    score: Type.Union([Type.Literal('released'), Type.Literal('intended')], {
      default: 'released',
      description:
        'Score as the released script computes it, or as its text means it: they differ where some items of the data ' +
        'are flagged `consistency_free` and others are not.',
    }),
    ...JUDGED_OPTIONS,
  },
  { additionalProperties: false },
)

export type RiseOptions = Static<typeof OPTIONS>
