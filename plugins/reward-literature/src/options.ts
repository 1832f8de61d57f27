import { Type, type Static } from '@dda-thinker/plugin-api'
import { RULE_NAMES, type RuleName } from './rules.ts'

export const OPTIONS = Type.Object(
  {
    rule: Type.Unsafe<RuleName>({
      type: 'string',
      enum: [...RULE_NAMES],
      description:
        'dars: prefix-gated slots; firm: execution times consistency; risevolve: the minimum of plan and picture; replan: ' +
        'thresholded dimensions; unified-thinker: ratings of 1 to 5.',
    }),
  },
  { additionalProperties: false },
)

export type LiteratureOptions = Static<typeof OPTIONS>
