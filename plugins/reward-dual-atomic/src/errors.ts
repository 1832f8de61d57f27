import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CHECKLIST_EMPTY: {
      message: 'the sample has no checklist item in a scope that has a weight',
      next: 'Drop such samples in curation, or give the scope that has items a weight.',
      exit: 'usage',
    },
    DDA_REWARD_WEIGHTS: {
      message: 'the cognitive and the visual weight are both 0, so no item would count',
      next: 'Give `weights.cognitive` or `weights.visual` a positive number.',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
