import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CHECKLIST_DIMENSION: {
      message: 'the rule {rule} cannot score sample {sample}: its checklist has no item of {dimensions}',
      next: 'Drop such samples in curation, or use a rule that scores what they ask; see the page of reward-literature.',
    },
  },
  { page: ERRORS_PAGE },
)
