import { Type, type Static } from '@dda-thinker/plugin-api'

export const OPTIONS = Type.Object(
  {
    rollouts: Type.Integer({ minimum: 2, default: 8, description: 'Rollouts tried on each sample.' }),
    minAnswers: Type.Integer({
      minimum: 2,
      default: 4,
      description: 'Answers that an item needs before anything is said of it.',
    }),
    maxUnsure: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.25,
      description: 'An item is undecided where the judge is unsure in a larger share of its answers.',
    }),
    minInformative: Type.Integer({
      minimum: 0,
      default: 1,
      description: 'Drop samples of which fewer items tell plans apart. 0: drop none, findings alone.',
    }),
    window: Type.Integer({ minimum: 1, default: 64, description: 'Samples tried at a time.' }),
  },
  { additionalProperties: false },
)

export type ChecklistOptions = Static<typeof OPTIONS>
