import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_JUDGE_CANARY: {
      message: 'The judge passed {solved} of {asked} canaries of the kind "{kind}"',
      next: 'Look at its reasons; use a stronger judge, soft scores, or items that must be no.',
    },
    'DDA_JUDGE_SCOPE/vlm': {
      message: 'This judge was asked a {scope} question',
      next: 'Set its scope to {scope} or both, or add another judge.',
    },
  },
  { page: ERRORS_PAGE },
)
